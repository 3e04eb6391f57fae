using Gateway.Protocol.Wire;

namespace Gateway.Protocol.Nfs3;

/// <summary>
/// FSSTAT3res, RFC 1813 §3.3.18: sizes in bytes, files in file slots. The arguments are <see cref="HandleArgs"/>.
/// </summary>
public readonly record struct FsStatRes
{
    public required Nfs3Status Status { get; init; }

    public Nfs3Attributes? Attributes { get; init; }

    public ulong TotalBytes { get; init; }

    public ulong FreeBytes { get; init; }

    /// <summary>Free to the caller.</summary>
    public ulong AvailableBytes { get; init; }

    public ulong TotalFiles { get; init; }

    public ulong FreeFiles { get; init; }

    public ulong AvailableFiles { get; init; }

    /// <summary>For how many seconds the numbers are not expected to change.</summary>
    public uint InvariantSeconds { get; init; }

    public static bool TryParse(ReadOnlySpan<byte> result, out FsStatRes parsed)
    {
        var reader = new XdrReader(result);
        var status = (Nfs3Status)reader.ReadUInt32();
        var attributes = Nfs3Attributes.ReadOptional(ref reader);
        parsed = status != Nfs3Status.Ok
            ? new FsStatRes { Status = status, Attributes = attributes }
            : new FsStatRes
            {
                Status = status,
                Attributes = attributes,
                TotalBytes = reader.ReadUInt64(),
                FreeBytes = reader.ReadUInt64(),
                AvailableBytes = reader.ReadUInt64(),
                TotalFiles = reader.ReadUInt64(),
                FreeFiles = reader.ReadUInt64(),
                AvailableFiles = reader.ReadUInt64(),
                InvariantSeconds = reader.ReadUInt32(),
            };
        return reader.IsComplete;
    }

    public void Write(XdrWriter writer)
    {
        writer.WriteUInt32((uint)Status);
        Nfs3Attributes.WriteOptional(writer, Attributes);
        if (Status != Nfs3Status.Ok) return;

        writer.WriteUInt64(TotalBytes);
        writer.WriteUInt64(FreeBytes);
        writer.WriteUInt64(AvailableBytes);
        writer.WriteUInt64(TotalFiles);
        writer.WriteUInt64(FreeFiles);
        writer.WriteUInt64(AvailableFiles);
        writer.WriteUInt32(InvariantSeconds);
    }
}
