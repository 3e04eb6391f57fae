using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Nfs3;

/// <summary>SYMLINK3args, RFC 1813 §3.3.10. The result is <see cref="NewObjectRes"/>.</summary>
public readonly ref struct SymLinkArgs
{
    public required DirOpArgs Where { get; init; }

    public Nfs3SetAttributes Attributes { get; init; }

    /// <summary>The content of the link, not interpreted by the server.</summary>
    public required ReadOnlySpan<byte> Path { get; init; }

    public static bool TryParse(ReadOnlySpan<byte> arguments, out SymLinkArgs args)
    {
        var reader = new XdrReader(arguments);
        args = new SymLinkArgs
        {
            Where = DirOpArgs.Read(ref reader),
            Attributes = Nfs3SetAttributes.Read(ref reader),
            Path = reader.ReadOpaque(Nfs3Protocol.PathBytesMax),
        };
        return reader.IsComplete;
    }

    public void Write(XdrWriter writer)
    {
        Where.Write(writer);
        Attributes.Write(writer);
        writer.WriteOpaque(Path);
    }
}
