using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Nfs3;

/// <summary>READDIRPLUS3args, RFC 1813 §3.3.17. The result is <see cref="DirectoryListRes"/>.</summary>
public readonly ref struct ReadDirPlusArgs
{
    public required ReadOnlySpan<byte> Directory { get; init; }

    /// <summary>Where to go on: the cookie of the last entry that the client has, or 0.</summary>
    public required ulong Cookie { get; init; }

    public required ulong CookieVerifier { get; init; }

    /// <summary>Bytes. How much of names, file ids and cookies to send; attributes and handles do not count.</summary>
    public required uint DirectoryCount { get; init; }

    /// <summary>Bytes. The most that READDIRPLUS3resok may take, XDR overhead included.</summary>
    public required uint CountMax { get; init; }

    public static bool TryParse(ReadOnlySpan<byte> arguments, out ReadDirPlusArgs args)
    {
        var reader = new XdrReader(arguments);
        args = new ReadDirPlusArgs
        {
            Directory = reader.ReadOpaque(Nfs3Protocol.HandleBytesMax),
            Cookie = reader.ReadUInt64(),
            CookieVerifier = reader.ReadUInt64(),
            DirectoryCount = reader.ReadUInt32(),
            CountMax = reader.ReadUInt32(),
        };
        return reader.IsComplete;
    }

    public void Write(XdrWriter writer)
    {
        writer.WriteOpaque(Directory);
        writer.WriteUInt64(Cookie);
        writer.WriteUInt64(CookieVerifier);
        writer.WriteUInt32(DirectoryCount);
        writer.WriteUInt32(CountMax);
    }
}
