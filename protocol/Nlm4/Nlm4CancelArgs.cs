using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Nlm4;

/// <summary>nlm4_cancargs, RFC 1813 §6.1.4. A view of the request; it names the LOCK it cancels by its contents.</summary>
/// <remarks><code>cookie netobj | block bool | exclusive bool | alock</code></remarks>
public readonly ref struct Nlm4CancelArgs
{
    public required ReadOnlySpan<byte> Cookie { get; init; }

    public required bool Block { get; init; }

    public required bool Exclusive { get; init; }

    public required Nlm4Lock Lock { get; init; }

    public static bool TryParse(ReadOnlySpan<byte> arguments, out Nlm4CancelArgs args)
    {
        var reader = new XdrReader(arguments);
        args = new Nlm4CancelArgs
        {
            Cookie = reader.ReadOpaque(Nlm4Protocol.NetObjectBytesMax),
            Block = reader.ReadBoolean(),
            Exclusive = reader.ReadBoolean(),
            Lock = Nlm4Lock.Read(ref reader),
        };
        return reader.IsComplete;
    }

    public void Write(XdrWriter writer)
    {
        writer.WriteOpaque(Cookie);
        writer.WriteBoolean(Block);
        writer.WriteBoolean(Exclusive);
        Lock.Write(writer);
    }
}
