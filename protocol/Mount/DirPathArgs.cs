using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Mount;

/// <summary>dirpath, the argument of MNT and UMNT (RFC 1813 §5.2.1, §5.2.3). A view of the request.</summary>
public readonly ref struct DirPathArgs
{
    public required ReadOnlySpan<byte> Path { get; init; }

    public static bool TryParse(ReadOnlySpan<byte> arguments, out DirPathArgs args)
    {
        var reader = new XdrReader(arguments);
        args = new DirPathArgs { Path = reader.ReadOpaque(MountProtocol.PathBytesMax) };
        return reader.IsComplete;
    }

    public void Write(XdrWriter writer) => writer.WriteOpaque(Path);
}
