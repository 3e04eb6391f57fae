namespace Gateway.Replication.Quorum;

/// <summary>
/// The control record of a volume: epoch, owner and membership in one value that changes only by compare-and-set
/// (PROTOCOL §2.1), so that nobody can own an epoch with a membership it did not see.
/// </summary>
public sealed record VolumeRecord
{
    public required Guid VolumeId { get; init; }

    /// <summary>
    /// Epoch of the latest owner. 0 until all members have been admitted fresh: from 1 on, an empty node is a node
    /// that lost its data.
    /// </summary>
    public required ulong Epoch { get; init; }

    /// <summary>
    /// Drawn at random by each start of an owner process; a restarted process must take a new epoch.
    /// </summary>
    public required ulong OwnerId { get; init; }

    public required string OwnerAddress { get; init; }

    /// <summary>Counts changes of <see cref="Members"/>. Nodes keep it and refuse lower ones.</summary>
    public required ulong ConfigGeneration { get; init; }

    public required IReadOnlyList<VolumeMember> Members { get; init; }

    public required int LeaseMilliseconds { get; init; }
}

/// <summary>
/// A member of a volume: a node and the incarnation of its copy. A node that lost its directory comes back with
/// another incarnation and is no member until the record names it (PROTOCOL §2.8).
/// </summary>
public readonly record struct VolumeMember(string NodeId, ulong Incarnation);
