using Gateway.FileSystem.Opens;

namespace Gateway.FileSystem;

/// <summary>Bounds and paces of one volume's file system.</summary>
public sealed record FileTreeOptions
{
    /// <summary>
    /// What the SIDs of users and groups are made of: the cluster's id, so that all its volumes name them alike; without it
    /// the volume's.
    /// </summary>
    public Guid? SidAuthority { get; init; }

    /// <summary>Memory for written data that is not durable yet, all files together. Writers wait beyond it.</summary>
    public long WriteBackBytesMax { get; init; } = 64L << 20;

    /// <summary>Empty buffers kept for the next writes.</summary>
    public long WriteBackRetainedBytes { get; init; } = 32L << 20;

    /// <summary>Share of <see cref="WriteBackBytesMax"/> that one file may hold.</summary>
    public long WriteBackBytesPerFileMax { get; init; } = 48L << 20;

    /// <summary>Slices written at the same time from the write-back buffer.</summary>
    public int SliceWritesMax { get; init; } = 8;

    /// <summary>
    /// A write waits this long for room in the write-back buffer before it is refused as unavailable.
    /// </summary>
    public TimeSpan WriteBackPatience { get; init; } = TimeSpan.FromSeconds(20);

    /// <summary>Written data that nobody commits becomes durable by itself after this time.</summary>
    public TimeSpan WriteBackIdle { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>A synchronous write up to this size rides in the journal as an inline row.</summary>
    public int InlineBytesMax { get; init; } = 32 << 10;

    /// <summary>Inline data of a file moves into slices when the file has been quiet this long.</summary>
    public TimeSpan SettleIdle { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Inline data of a file moves into slices, quiet or not, when it is more than this.</summary>
    public int SettleBytes { get; init; } = 16 << 20;

    /// <summary>With as much inline data a file takes no more: its writes go into slices until some has moved.</summary>
    public long InlineBytesPerFileMax { get; init; } = 64L << 20;

    /// <summary>The same for the volume, as the background counted it last; from half of it on, all files move.</summary>
    public long InlineBytesPerVolumeMax { get; init; } = 256L << 20;

    /// <summary>Access times are written this long after the read that asked for it.</summary>
    public TimeSpan AccessTimeDelay { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>Period of the background work; zero switches it off (tests call it themselves).</summary>
    public TimeSpan BackgroundPeriod { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Bounds of opens.</summary>
    public OpenTableOptions Opens { get; init; } = new();

    /// <summary>Hard links of one file.</summary>
    public int LinksMax { get; init; } = FileSystemLimits.LinksMax;
}
