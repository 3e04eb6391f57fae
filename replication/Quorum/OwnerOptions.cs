using Gateway.Replication.Journal;

namespace Gateway.Replication.Quorum;

/// <summary>What an <see cref="OwnerCore"/> is told at its start. Durations in nanoseconds.</summary>
public sealed record OwnerOptions
{
    /// <summary>The record as this owner's own compare-and-set left it.</summary>
    public required VolumeRecord Record { get; init; }

    /// <summary>Position up to which the host has applied committed entries; <c>default</c> when none.</summary>
    public required LogBase Applied { get; init; }

    public long HeartbeatNanoseconds { get; init; } = 250_000_000;

    /// <summary>An idle owner tells of its last commit after this long, with a heartbeat out of turn.</summary>
    public long CommitNewsNanoseconds { get; init; } = 5_000_000;

    /// <summary>After this long without an answer a request is sent again.</summary>
    public long RetryNanoseconds { get; init; } = 500_000_000;

    /// <summary>Bound on the difference in speed between two clocks, in thousandths (PROTOCOL §2.6).</summary>
    public int ClockDriftPermille { get; init; } = 10;

    /// <summary>Recent entries kept to feed slow nodes; older committed ones are read back from a peer.</summary>
    public long RingBytesMax { get; init; } = 32 << 20;

    /// <summary>Unacknowledged payload per node.</summary>
    public long InFlightBytesMax { get; init; } = 8 << 20;

    /// <summary>Payload of one append request.</summary>
    public int AppendBytesMax { get; init; } = AppendRequest.BytesMax;

    /// <summary>Entries of one append request.</summary>
    public int AppendEntriesMax { get; init; } = AppendRequest.EntriesMax;

    /// <summary>A learner that lacks no more payload than this may become a member (PROTOCOL §2.7).</summary>
    public long LearnerBehindBytesMax { get; init; } = 1 << 20;

    /// <summary>Payload of one fetch.</summary>
    public int FetchBytesMax { get; init; } = FetchRequest.DefaultBytesMax;
}
