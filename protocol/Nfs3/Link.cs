using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Nfs3;

/// <summary>LINK3args, RFC 1813 §3.3.15.</summary>
public readonly ref struct LinkArgs
{
    public required ReadOnlySpan<byte> Handle { get; init; }

    public required DirOpArgs Link { get; init; }

    public static bool TryParse(ReadOnlySpan<byte> arguments, out LinkArgs args)
    {
        var reader = new XdrReader(arguments);
        args = new LinkArgs
        {
            Handle = reader.ReadOpaque(Nfs3Protocol.HandleBytesMax),
            Link = DirOpArgs.Read(ref reader),
        };
        return reader.IsComplete;
    }

    public void Write(XdrWriter writer)
    {
        writer.WriteOpaque(Handle);
        Link.Write(writer);
    }
}

/// <summary>LINK3res, RFC 1813 §3.3.15.</summary>
public readonly record struct LinkRes(
    Nfs3Status Status, Nfs3Attributes? FileAttributes, Nfs3WccData DirectoryWcc)
{
    public static bool TryParse(ReadOnlySpan<byte> result, out LinkRes parsed)
    {
        var reader = new XdrReader(result);
        parsed = new LinkRes(
            (Nfs3Status)reader.ReadUInt32(),
            Nfs3Attributes.ReadOptional(ref reader),
            Nfs3WccData.Read(ref reader));
        return reader.IsComplete;
    }

    public void Write(XdrWriter writer)
    {
        writer.WriteUInt32((uint)Status);
        Nfs3Attributes.WriteOptional(writer, FileAttributes);
        DirectoryWcc.Write(writer);
    }
}
