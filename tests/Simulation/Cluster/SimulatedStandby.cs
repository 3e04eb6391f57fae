using Gateway.Replication.Journal;
using Gateway.Replication.Quorum;

namespace Gateway.Simulation.Cluster;

/// <summary>
/// A gateway that tails the journal, at one node after another: what it is told must be committed, and must follow what it
/// has. A new owner may go on from it.
/// </summary>
/// <remarks>Its random numbers are its own, so that it shifts no other event of a seed.</remarks>
internal sealed class SimulatedStandby(SimulatedCluster cluster, int seed)
{
    private readonly Random _random = new(seed ^ 0x5EED);

    /// <summary>What its rows hold.</summary>
    public LogBase Applied { get; private set; }

    /// <summary>Entries applied from tails.</summary>
    public int Tailed { get; private set; }

    public void Start() => cluster.After(_random.NextInt64(6 * Knobs.Millisecond), () =>
    {
        var node = cluster.Nodes[_random.Next(cluster.Nodes.Length)];
        var record = cluster.Control.Record;
        var request = new TailRequest
        {
            Header = new RequestHeader(record.VolumeId, 0, 0, record.ConfigGeneration, node.Incarnation, cluster.Now),
            FromIndex = Applied.Index + 1,
            BytesMax = 1 + _random.Next(200),
        };
        node.Tail(request, reply => cluster.After(_random.NextInt64(20 * Knobs.Millisecond), () => Receive(reply)));
        Start();
    });

    /// <summary>True when a new owner is to begin with these rows.</summary>
    public bool IsChosen() => _random.Next(3) == 0;

    // Answers come late and in any order.
    private void Receive(NodeReply reply)
    {
        if (reply is not TailReply tail) return;

        foreach (var entry in tail.Entries.Span)
        {
            cluster.History.Told(entry);
            if (entry.Index == Applied.Index + 1) Apply(entry);
        }

        // The journal begins later: a checkpoint holds the rows at its base.
        if (tail.Base.Index <= Applied.Index) return;
        cluster.History.Told(tail.Base);
        Applied = tail.Base;
    }

    private void Apply(JournalEntry entry)
    {
        if (!JournalChain.Follows(Applied.Chain, entry) || entry.Epoch < Applied.Epoch)
            cluster.History.Fail($"I12: {entry.Id} does not follow {Applied} at a standby");
        Applied = new LogBase(entry.Index, entry.Epoch, entry.Chain);
        Tailed++;
    }
}
