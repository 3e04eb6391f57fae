namespace Gateway.FileSystem;

/// <summary>
/// Attributes to set; null means unchanged. The change time itself cannot be set: NFS clients rely on it to grow with
/// every change.
/// </summary>
public readonly record struct AttributeChanges
{
    /// <summary>Permission bits; others than 07777 are ignored.</summary>
    public uint? Mode { get; init; }

    public uint? Uid { get; init; }

    public uint? Gid { get; init; }

    /// <summary>New size of a regular file in bytes: cuts, or extends by a hole.</summary>
    public long? Size { get; init; }

    public TimeChange AccessTime { get; init; }

    public TimeChange ModifyTime { get; init; }

    /// <summary>All DOS attributes; null leaves them.</summary>
    public DosAttributes? Dos { get; init; }

    public TimeChange BirthTime { get; init; }

    /// <summary>
    /// What clients of protocols in which it can be set are told as the change time, until the next change.
    /// </summary>
    public Timestamp? DeclaredChangeTime { get; init; }
}

/// <summary>How to set a time.</summary>
public readonly record struct TimeChange(TimeChangeKind Kind, Timestamp Time)
{
    public static TimeChange ToServerTime => new(TimeChangeKind.ServerTime, default);

    public static TimeChange To(Timestamp time) => new(TimeChangeKind.ClientTime, time);
}

public enum TimeChangeKind : byte
{
    Unchanged = 0,
    ServerTime = 1,
    ClientTime = 2,
}
