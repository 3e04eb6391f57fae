using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Nlm4;

/// <summary>nlm4_unlockargs, RFC 1813 §6.1.4. A view of the request.</summary>
/// <remarks><code>cookie netobj | alock</code></remarks>
public readonly ref struct Nlm4UnlockArgs
{
    public required ReadOnlySpan<byte> Cookie { get; init; }

    public required Nlm4Lock Lock { get; init; }

    public static bool TryParse(ReadOnlySpan<byte> arguments, out Nlm4UnlockArgs args)
    {
        var reader = new XdrReader(arguments);
        args = new Nlm4UnlockArgs
        {
            Cookie = reader.ReadOpaque(Nlm4Protocol.NetObjectBytesMax),
            Lock = Nlm4Lock.Read(ref reader),
        };
        return reader.IsComplete;
    }

    public void Write(XdrWriter writer)
    {
        writer.WriteOpaque(Cookie);
        Lock.Write(writer);
    }
}
