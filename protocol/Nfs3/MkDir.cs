using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Nfs3;

/// <summary>MKDIR3args, RFC 1813 §3.3.9. The result is <see cref="NewObjectRes"/>.</summary>
public readonly ref struct MkDirArgs
{
    public required DirOpArgs Where { get; init; }

    public Nfs3SetAttributes Attributes { get; init; }

    public static bool TryParse(ReadOnlySpan<byte> arguments, out MkDirArgs args)
    {
        var reader = new XdrReader(arguments);
        args = new MkDirArgs
        {
            Where = DirOpArgs.Read(ref reader),
            Attributes = Nfs3SetAttributes.Read(ref reader),
        };
        return reader.IsComplete;
    }

    public void Write(XdrWriter writer)
    {
        Where.Write(writer);
        Attributes.Write(writer);
    }
}
