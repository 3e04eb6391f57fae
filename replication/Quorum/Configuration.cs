namespace Gateway.Replication.Quorum;

/// <summary>
/// Whose word counts: the members of a volume and, while they change, those that they change to as well. Then a majority
/// of each is needed for everything (PROTOCOL §2.7). Immutable.
/// </summary>
internal sealed class Configuration
{
    private readonly ProtocolRules _rules;
    private readonly MemberStream[] _members;
    private readonly MemberStream[]? _newMembers;

    public Configuration(VolumeRecord record, Func<VolumeMember, MemberStream> streamOf, ProtocolRules rules)
    {
        CheckSize(record.Members);
        if (record.NewMembers is not null) CheckSize(record.NewMembers);
        _rules = rules;
        _members = [.. record.Members.Select(streamOf)];
        _newMembers = record.NewMembers?.Select(streamOf).ToArray();
        Voters = _newMembers is null ? _members : [.. _members.Union(_newMembers)];
    }

    /// <summary>All whose word counts, each once.</summary>
    public IReadOnlyList<MemberStream> Voters { get; }

    public bool Counts(MemberStream stream) => Voters.Contains(stream);

    /// <summary>True when a majority of the members, and of the new members, has the property.</summary>
    /// <param name="both">False only for a deliberately wrong rule: the new members are not asked.</param>
    public bool IsHeldByMajorities(Func<MemberStream, bool> property, bool both = true) =>
        IsHeldByMajority(_members, property) && (!both || _newMembers is null
            || IsHeldByMajority(_newMembers, property));

    /// <summary>The highest value that a majority of the members, and of the new members, reaches.</summary>
    /// <inheritdoc cref="IsHeldByMajorities" path="/param"/>
    public ulong ReachedByMajorities(Func<MemberStream, ulong> value, bool both = true)
    {
        var reached = ReachedByMajority(_members, value);
        return both && _newMembers is not null ? Math.Min(reached, ReachedByMajority(_newMembers, value)) : reached;
    }

    /// <inheritdoc cref="ReachedByMajorities(Func{MemberStream, ulong}, bool)"/>
    public long ReachedByMajorities(Func<MemberStream, long> value, bool both = true)
    {
        var reached = ReachedByMajority(_members, value);
        return both && _newMembers is not null ? Math.Min(reached, ReachedByMajority(_newMembers, value)) : reached;
    }

    private static void CheckSize(IReadOnlyList<VolumeMember> members) => Invariant.Holds(
        members.Count is > 0 and <= QuorumRule.MembersMax
            && members.DistinctBy(member => member.NodeId).Count() == members.Count,
        "A volume has 1 to 15 members on as many nodes.");

    private bool IsHeldByMajority(MemberStream[] members, Func<MemberStream, bool> property)
    {
        var count = 0;
        foreach (var member in members)
            if (property(member)) count++;

        return count >= _rules.Majority(members.Length);
    }

    private ulong ReachedByMajority(MemberStream[] members, Func<MemberStream, ulong> value)
    {
        Span<ulong> values = stackalloc ulong[QuorumRule.MembersMax];
        values = values[..members.Length];
        for (var at = 0; at < members.Length; at++) values[at] = value(members[at]);
        return QuorumRule.ReachedBy(values, _rules.Majority(members.Length));
    }

    private long ReachedByMajority(MemberStream[] members, Func<MemberStream, long> value)
    {
        Span<long> values = stackalloc long[QuorumRule.MembersMax];
        values = values[..members.Length];
        for (var at = 0; at < members.Length; at++) values[at] = value(members[at]);
        return QuorumRule.ReachedBy(values, _rules.Majority(members.Length));
    }
}
