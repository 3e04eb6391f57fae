using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Nfs3;

/// <summary>
/// diropargs3 (RFC 1813 §2.6), which is all of LOOKUP3args, REMOVE3args and RMDIR3args (§3.3.3, .12, .13).
/// A view of the request, alive as long as its buffer.
/// </summary>
public readonly ref struct DirOpArgs
{
    public required ReadOnlySpan<byte> Directory { get; init; }

    public required ReadOnlySpan<byte> Name { get; init; }

    public static bool TryParse(ReadOnlySpan<byte> arguments, out DirOpArgs args)
    {
        var reader = new XdrReader(arguments);
        args = Read(ref reader);
        return reader.IsComplete;
    }

    public void Write(XdrWriter writer)
    {
        writer.WriteOpaque(Directory);
        writer.WriteOpaque(Name);
    }

    internal static DirOpArgs Read(scoped ref XdrReader reader) => new()
    {
        Directory = reader.ReadOpaque(Nfs3Protocol.HandleBytesMax),
        Name = reader.ReadOpaque(Nfs3Protocol.NameBytesMax),
    };
}
