using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Nlm4;

/// <summary>nlm4_res, RFC 1813 §6.1.4. The cookie is a view of what it was parsed from.</summary>
/// <remarks><code>cookie netobj | stat</code></remarks>
public readonly ref struct Nlm4Result
{
    public required ReadOnlySpan<byte> Cookie { get; init; }

    public required Nlm4Status Status { get; init; }

    public static bool TryParse(ReadOnlySpan<byte> results, out Nlm4Result result)
    {
        var reader = new XdrReader(results);
        result = new Nlm4Result
        {
            Cookie = reader.ReadOpaque(Nlm4Protocol.NetObjectBytesMax),
            Status = (Nlm4Status)reader.ReadEnum((uint)Nlm4Status.Failed),
        };
        return reader.IsComplete;
    }

    public void Write(XdrWriter writer)
    {
        writer.WriteOpaque(Cookie);
        writer.WriteUInt32((uint)Status);
    }
}
