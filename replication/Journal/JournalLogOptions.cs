using Gateway.Replication.Disks;

namespace Gateway.Replication.Journal;

/// <summary>Shape of a <see cref="JournalLog"/> on its disk.</summary>
public sealed record JournalLogOptions
{
    public const long SegmentBytesDefault = 64 << 20;

    /// <summary>Holds the longest entry and its tables.</summary>
    public const long SegmentBytesMin = 8 << 20;

    /// <summary>Files are called <c>NAME-SEQUENCE.segment</c>.</summary>
    public string Name { get; init; } = "journal";

    /// <summary>Bytes of a new segment, a multiple of 4 KiB. Existing ones keep their own size.</summary>
    public long SegmentBytes { get; init; } = SegmentBytesDefault;

    /// <summary>
    /// The process before this one met a failed write or flush: nothing is added to a file it may have touched
    /// (PROTOCOL §3, suspect).
    /// </summary>
    public bool Suspect { get; init; }

    /// <summary>The superblock says that this log was used before: finding no segment at all is damage.</summary>
    public bool MustExist { get; init; }

    /// <summary>A segment takes at most a sixty-fourth of a small file system.</summary>
    public static long SegmentBytesFor(DiskSpace space)
    {
        var bytes = SegmentBytesDefault;
        while (bytes > SegmentBytesMin && bytes > space.TotalBytes / 64) bytes /= 2;
        return bytes;
    }
}
