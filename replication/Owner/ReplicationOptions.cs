using Gateway.Replication.Links;
using Gateway.Replication.Quorum;
using Gateway.Replication.Store;

namespace Gateway.Replication.Owner;

/// <summary>A node and where it is reached.</summary>
public sealed record NodeAddress(string Node, INodeConnector Connector)
{
    public NodeAddress(string node, string host, int port)
        : this(node, new TcpNodeConnector(host, port))
    {
    }

    /// <summary>Of a volume that is made now, it becomes a witness: it votes and takes no slices.</summary>
    public bool Witness { get; init; }

    /// <summary>As a member of a volume that was never owned.</summary>
    public VolumeMember ToMember() => new(Node, 0) { Witness = Witness };
}

/// <summary>What the owner of one volume is told. Validated by <see cref="Validate"/>.</summary>
public sealed record ReplicationOptions
{
    public required string Volume { get; init; }

    /// <summary>
    /// The members of a volume that is made now. Of one that there is, the control record says who they are.
    /// </summary>
    public required IReadOnlyList<NodeAddress> Nodes { get; init; }

    /// <summary>Says where a member is; by default, as <see cref="Nodes"/> does.</summary>
    public INodeResolver? Resolver { get; init; }

    /// <summary>How the nodes and this gateway come to believe each other.</summary>
    public required LinkTrust Trust { get; init; }

    /// <summary>Where this gateway is reached, for people who read the control record.</summary>
    public required string OwnerAddress { get; init; }

    /// <summary>Directory of the rows.</summary>
    public required string RowsDirectory { get; init; }

    public VolumeStoreOptions Store { get; init; } = new();

    /// <summary>How long a silent owner is taken to be alive (PROTOCOL §2.6).</summary>
    public int LeaseMilliseconds { get; init; } = 2000;

    /// <summary>Bytes of slices on their way to one node; what a slower node would need beyond is owed to it.</summary>
    public long StragglerBytesMax { get; init; } = 56 << 20;

    /// <summary>Bytes of slices that are not durable on W nodes yet; more writers wait.</summary>
    public long SliceWriteBytesMax { get; init; } = 24 << 20;

    /// <summary>Memory of slices read.</summary>
    public long SliceCacheBytes { get; init; } = 64 << 20;

    /// <summary>A slice that W nodes did not take by then is refused.</summary>
    public TimeSpan SliceWriteTimeout { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long a data node is waited for before a slice rides in the journal instead, where a witness allows it. Longer than
    /// a busy disk takes, shorter than a client notices.
    /// </summary>
    public TimeSpan SpillAfter { get; init; } = TimeSpan.FromMilliseconds(500);

    /// <summary>Bytes per second that heal copies.</summary>
    public long HealBytesPerSecond { get; init; } = 64 << 20;

    /// <summary>Bytes per second and node that scrub reads; 0 switches it off.</summary>
    public long ScrubBytesPerSecond { get; init; } = 8 << 20;

    /// <summary>Pause between two rounds of scrub.</summary>
    public TimeSpan ScrubPause { get; init; } = TimeSpan.FromMinutes(1);

    /// <summary>Slices without references stay this long, for readers of older snapshots.</summary>
    public TimeSpan DiscardDelay { get; init; } = TimeSpan.FromSeconds(5);

    /// <exception cref="ArgumentException">A value is out of its bounds; the message names it.</exception>
    public void Validate()
    {
        if (Nodes.Count is < 1 or > QuorumRule.MembersMax)
            throw new ArgumentException($"A volume has 1 to {QuorumRule.MembersMax} nodes, not {Nodes.Count}.");

        if (Nodes.Select(node => node.Node).Distinct(StringComparer.Ordinal).Count() != Nodes.Count)
            throw new ArgumentException("Two nodes have the same name.");

        if (!QuorumRule.HasEnoughData(Nodes.Count, Nodes.Count(node => !node.Witness)))
            throw new ArgumentException("More nodes are witnesses than the loss of data nodes allows.");

        foreach (var node in Nodes)
        {
            if (node.Node.Length is 0 or > SystemRows.NodeBytesMax)
                throw new ArgumentException($"The node '{node.Node}' has no usable name.");
        }

        if (LeaseMilliseconds is < 500 or > 60_000)
            throw new ArgumentException($"A lease takes 0.5 to 60 seconds, not {LeaseMilliseconds} ms.");

        if (SliceWriteBytesMax < 4 << 20 || StragglerBytesMax < SliceWriteBytesMax + (4 << 20))
            throw new ArgumentException("The bounds for slices on their way are too small.");
    }
}
