using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Nlm4;

/// <summary>nlm4_testargs, RFC 1813 §6.1.4: of TEST and of the GRANTED call-back. A view of the request.</summary>
/// <remarks><code>cookie netobj | exclusive bool | alock</code></remarks>
public readonly ref struct Nlm4TestArgs
{
    public required ReadOnlySpan<byte> Cookie { get; init; }

    public required bool Exclusive { get; init; }

    public required Nlm4Lock Lock { get; init; }

    public static bool TryParse(ReadOnlySpan<byte> arguments, out Nlm4TestArgs args)
    {
        var reader = new XdrReader(arguments);
        args = new Nlm4TestArgs
        {
            Cookie = reader.ReadOpaque(Nlm4Protocol.NetObjectBytesMax),
            Exclusive = reader.ReadBoolean(),
            Lock = Nlm4Lock.Read(ref reader),
        };
        return reader.IsComplete;
    }

    public void Write(XdrWriter writer)
    {
        writer.WriteOpaque(Cookie);
        writer.WriteBoolean(Exclusive);
        Lock.Write(writer);
    }
}
