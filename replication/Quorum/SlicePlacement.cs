namespace Gateway.Replication.Quorum;

/// <summary>
/// Which nodes take the slices of a volume, and which of them are enough: W of the members and, while they change, W of
/// the new members as well (PROTOCOL §2.4, §2.7). Immutable.
/// </summary>
public sealed class SlicePlacement
{
    private readonly Copies _members;
    private readonly Copies? _newMembers;

    public SlicePlacement(VolumeRecord record)
    {
        _members = new Copies(record.Members);
        _newMembers = record.NewMembers is null ? null : new Copies(record.NewMembers);
        Nodes = _newMembers is null ? _members.Nodes : [.. _members.Nodes.Union(_newMembers.Nodes)];
        HasWitness = record.AllMembers().Any(member => member.Witness);
    }

    /// <summary>The nodes that take slices, each once.</summary>
    public IReadOnlyList<string> Nodes { get; }

    /// <summary>
    /// A member votes without taking slices: then the journal may have a majority when the slices have not enough nodes.
    /// </summary>
    public bool HasWitness { get; }

    /// <summary>True when the nodes that have the property are enough for a slice to be durable.</summary>
    public bool IsDurable(Predicate<string> holds) => _members.AreHeld(holds) && IsOnNewMembers(holds);

    /// <summary>As <see cref="IsDurable"/>, for the new members alone; true when there are none.</summary>
    public bool IsOnNewMembers(Predicate<string> holds) => _newMembers is null || _newMembers.AreHeld(holds);

    private sealed class Copies(IReadOnlyList<VolumeMember> members)
    {
        private readonly int _needed =
            QuorumRule.SliceCopies(members.Count, members.Count(member => !member.Witness));

        public string[] Nodes { get; } =
            [.. members.Where(member => !member.Witness).Select(member => member.NodeId)];

        public bool AreHeld(Predicate<string> holds)
        {
            var held = 0;
            foreach (var node in Nodes)
                if (holds(node)) held++;

            return held >= _needed;
        }
    }
}
