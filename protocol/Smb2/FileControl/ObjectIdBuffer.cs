namespace Gateway.Protocol.Smb2.FileControl;

/// <summary>FILE_OBJECTID_BUFFER of type 1, MS-FSCC 2.1.3.1: ObjectId, BirthVolumeId, BirthObjectId, DomainId.</summary>
public readonly record struct ObjectIdBuffer(Guid ObjectId, Guid BirthVolumeId, Guid BirthObjectId)
{
    public const int Bytes = 64;

    private const int GuidBytes = 16;

    public static bool TryParse(ReadOnlySpan<byte> output, out ObjectIdBuffer buffer)
    {
        buffer = default;
        if (output.Length < Bytes) return false;

        buffer = new ObjectIdBuffer(
            new Guid(output[..GuidBytes]),
            new Guid(output.Slice(GuidBytes, GuidBytes)),
            new Guid(output.Slice(2 * GuidBytes, GuidBytes)));
        return true;
    }

    public void Write(Span<byte> output)
    {
        output[..Bytes].Clear();
        ObjectId.TryWriteBytes(output);
        BirthVolumeId.TryWriteBytes(output[GuidBytes..]);
        BirthObjectId.TryWriteBytes(output[(2 * GuidBytes)..]);
    }
}
