namespace Gateway.Replication.Quorum;

/// <summary>How one member stands, for status and alarms. A copy: safe to hand to other threads.</summary>
public readonly record struct MemberProgress
{
    public required string NodeId { get; init; }

    public required ulong Incarnation { get; init; }

    /// <summary>The node's log equals the owner's up to here, durably.</summary>
    public required ulong MatchIndex { get; init; }

    /// <summary>False for a learner.</summary>
    public required bool Counts { get; init; }

    /// <summary>Of a learner: it is complete and within <see cref="OwnerOptions.LearnerBehindBytesMax"/>.</summary>
    public required bool Level { get; init; }

    public required ulong Nonce { get; init; }

    public required LimboReason Limbo { get; init; }

    public required bool Full { get; init; }

    public required bool Stalled { get; init; }

    /// <summary>Owner's clock when the last reply arrived, nanoseconds; 0 when none did.</summary>
    public required long LastReplyAt { get; init; }

    /// <summary>Smoothed time from sending to acknowledgement, nanoseconds.</summary>
    public required long AckNanoseconds { get; init; }

    public required Disks.DiskSpace Space { get; init; }
}
