using System.Text.Json.Serialization;

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

    /// <summary>
    /// Counts changes of <see cref="Members"/> and <see cref="NewMembers"/>. Nodes keep it and refuse lower ones.
    /// </summary>
    public required ulong ConfigGeneration { get; init; }

    public required IReadOnlyList<VolumeMember> Members { get; init; }

    /// <summary>
    /// While the membership changes, the one that it changes to: everything needs majorities of both (PROTOCOL §2.7).
    /// Null outside of a change.
    /// </summary>
    public IReadOnlyList<VolumeMember>? NewMembers { get; init; }

    /// <summary>
    /// The membership that somebody asked for and that has not begun yet: its nodes are being brought level. Says
    /// nothing about whose word counts, so that it may change without another generation. Null when nothing is asked for.
    /// </summary>
    public IReadOnlyList<VolumeMember>? WantedMembers { get; init; }

    public required int LeaseMilliseconds { get; init; }

    /// <summary>The record of a volume that never had an owner; the first one admits its members.</summary>
    public static VolumeRecord Of(Guid id, IEnumerable<VolumeMember> members, string ownerAddress, int leaseMilliseconds) => new()
    {
        VolumeId = id,
        Epoch = 0,
        OwnerId = 0,
        OwnerAddress = ownerAddress,
        ConfigGeneration = 1,
        Members = [.. members],
        LeaseMilliseconds = leaseMilliseconds,
    };

    /// <summary>The change of membership has begun and is not finished.</summary>
    [JsonIgnore]
    public bool IsJoint => NewMembers is not null;

    /// <summary>Members and new members, each node once, in the order of the record.</summary>
    public IEnumerable<VolumeMember> AllMembers() => Members.Concat(NewMembers ?? []).DistinctBy(member => member.NodeId);

    /// <summary>The record that begins a change of membership.</summary>
    public VolumeRecord ChangingTo(IReadOnlyList<VolumeMember> newMembers) => this with
    {
        NewMembers = newMembers,
        WantedMembers = null,
        ConfigGeneration = ConfigGeneration + 1,
    };

    /// <summary>The record that ends a change: the new members alone.</summary>
    public VolumeRecord Changed() => this with
    {
        Members = NewMembers!,
        NewMembers = null,
        ConfigGeneration = ConfigGeneration + 1,
    };

    /// <summary>
    /// The record that gives a change up. Safe at any moment before it has ended: all that was committed meanwhile is
    /// on a majority of the old members too.
    /// </summary>
    public VolumeRecord Unchanged() => this with { NewMembers = null, ConfigGeneration = ConfigGeneration + 1 };

    /// <summary>The record that names another copy on a member's node (PROTOCOL §2.8).</summary>
    public VolumeRecord WithIncarnation(string nodeId, ulong incarnation) => this with
    {
        Members = Renamed(Members, nodeId, incarnation),
        NewMembers = NewMembers is null ? null : Renamed(NewMembers, nodeId, incarnation),
        ConfigGeneration = ConfigGeneration + 1,
    };

    /// <summary>True when this record ends a change that the other one is in by going on to the new members.</summary>
    public bool EndsChangeOf(VolumeRecord other) => other.IsJoint && !IsJoint
        && !Members.Select(member => member.NodeId).SequenceEqual(other.Members.Select(member => member.NodeId));

    /// <summary>True when majorities of the members, and of the new members, have the property.</summary>
    public bool IsHeldByMajorities(Predicate<string> holds) =>
        IsHeldByMajority(Members, holds) && (NewMembers is null || IsHeldByMajority(NewMembers, holds));

    private static bool IsHeldByMajority(IReadOnlyList<VolumeMember> members, Predicate<string> holds) =>
        members.Count(member => holds(member.NodeId)) >= QuorumRule.Majority(members.Count);

    private static VolumeMember[] Renamed(IReadOnlyList<VolumeMember> members, string nodeId, ulong incarnation) =>
        [.. members.Select(member => member.NodeId == nodeId ? member with { Incarnation = incarnation } : member)];
}

/// <summary>
/// A member of a volume: a node and the incarnation of its copy. A node that lost its directory comes back with
/// another incarnation and is no member until the record names it (PROTOCOL §2.8).
/// </summary>
public readonly record struct VolumeMember(string NodeId, ulong Incarnation)
{
    /// <summary>Keeps the journal and votes; never takes slices.</summary>
    public bool Witness { get; init; }
}
