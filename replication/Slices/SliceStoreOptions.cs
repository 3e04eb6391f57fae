using Gateway.Replication.Disks;

namespace Gateway.Replication.Slices;

/// <summary>Shape and limits of a <see cref="SliceStore"/>.</summary>
public sealed record SliceStoreOptions
{
    public const long SegmentBytesDefault = 128 << 20;

    /// <summary>Holds the longest slice, its header, a footer and the trailer.</summary>
    public const long SegmentBytesMin = 8 << 20;

    /// <summary>Bytes of a new segment file, a multiple of 4 KiB.</summary>
    public long SegmentBytes { get; init; } = SegmentBytesDefault;

    /// <summary>
    /// Slices are refused when less than this would stay free: the room for the journal, for discards and for compaction
    /// to work on a full disk.
    /// </summary>
    public long ReserveBytes { get; init; } = 2 * SegmentBytesDefault;

    /// <summary>A sealed segment with a larger share of dead bytes is rewritten.</summary>
    public double DeadShareMax { get; init; } = 0.4;

    /// <summary>Slices taken into one group at most, so that the first does not wait for a crowd.</summary>
    public int GroupBytesMax { get; init; } = 32 << 20;

    /// <summary>The process before this one met a failed write or flush: its open segment is sealed.</summary>
    public bool Suspect { get; init; }

    /// <summary>A sixty-fourth of a small file system per segment.</summary>
    public static long SegmentBytesFor(DiskSpace space)
    {
        var bytes = SegmentBytesDefault;
        while (bytes > SegmentBytesMin && bytes > space.TotalBytes / 64) bytes /= 2;
        return bytes;
    }
}
