using Gateway.Replication.Quorum;

namespace Gateway.Replication.Owner;

/// <summary>Another membership of a volume, as somebody wants it.</summary>
public sealed record MemberRequest
{
    /// <summary>The node that joins; empty for none.</summary>
    public string Joins { get; init; } = "";

    /// <summary>The node that joins takes no slices.</summary>
    public bool Witness { get; init; }

    /// <summary>The node that leaves; empty for none.</summary>
    public string Leaves { get; init; } = "";

    /// <summary>Gives up the change that is under way, instead.</summary>
    public bool Cancels { get; init; }

    /// <summary>Bytes per second that heal may copy from now on; null leaves it.</summary>
    public long? BytesPerSecond { get; init; }

    /// <summary>The members that the request leads to.</summary>
    /// <returns>Null when it cannot be done, and why.</returns>
    internal (VolumeMember[]? Members, string Problem) ApplyTo(VolumeRecord record)
    {
        var members = record.Members.ToList();
        if (Leaves.Length != 0 && members.RemoveAll(member => member.NodeId == Leaves) == 0)
            return (null, $"{Leaves} is no member");
        if (Joins.Length != 0)
        {
            if (record.Members.Any(member => member.NodeId == Joins)) return (null, $"{Joins} is a member already");
            members.Add(new VolumeMember(Joins, 0) { Witness = Witness });
        }

        if (members.Count is 0 or > QuorumRule.MembersMax)
            return (null, $"a volume has 1 to {QuorumRule.MembersMax} members");
        if (!QuorumRule.HasEnoughData(members.Count, members.Count(member => !member.Witness)))
            return (null, "more members would be witnesses than the loss of data nodes allows");

        return (members.ToArray(), "");
    }
}
