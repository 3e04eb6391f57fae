using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Nfs3;

/// <summary>
/// CREATE3res, MKDIR3res, SYMLINK3res and MKNOD3res (RFC 1813 §3.3.8 to §3.3.11), which are one shape.
/// </summary>
public readonly record struct NewObjectRes
{
    public required Nfs3Status Status { get; init; }

    public Nfs3Handle? Handle { get; init; }

    public Nfs3Attributes? ObjectAttributes { get; init; }

    public Nfs3WccData DirectoryWcc { get; init; }

    public static bool TryParse(ReadOnlySpan<byte> result, out NewObjectRes parsed)
    {
        var reader = new XdrReader(result);
        var status = (Nfs3Status)reader.ReadUInt32();
        var ok = status == Nfs3Status.Ok;
        parsed = new NewObjectRes
        {
            Status = status,
            Handle = ok ? Nfs3Handle.ReadOptional(ref reader) : null,
            ObjectAttributes = ok ? Nfs3Attributes.ReadOptional(ref reader) : null,
            DirectoryWcc = Nfs3WccData.Read(ref reader),
        };
        return reader.IsComplete;
    }

    public void Write(XdrWriter writer)
    {
        writer.WriteUInt32((uint)Status);
        if (Status == Nfs3Status.Ok)
        {
            Nfs3Handle.WriteOptional(writer, Handle);
            Nfs3Attributes.WriteOptional(writer, ObjectAttributes);
        }

        DirectoryWcc.Write(writer);
    }
}
