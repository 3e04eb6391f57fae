using Gateway.Replication.Quorum;
using Gateway.Replication.Store;
using Gateway.Replication.Wire;

namespace Gateway.Replication.Owner;

/// <summary>
/// The space of a volume from the words of its nodes: a write needs W of them, so the W-th best decides.
/// </summary>
internal static class NodeSpace
{
    /// <summary>Null while fewer than W nodes have told.</summary>
    public static StoreSpace? Decide(IReadOnlyList<NodePeer> peers)
    {
        var known = new List<NodeCondition>(peers.Count);
        foreach (var peer in peers)
        {
            if (peer.Condition is { Outcome: NodeOutcome.Ok } condition) known.Add(condition);
        }

        var needed = QuorumRule.Majority(peers.Count);
        if (known.Count < needed) return null;

        known.Sort((left, right) => Available(right).CompareTo(Available(left)));
        var deciding = known[needed - 1];
        return new StoreSpace(deciding.TotalBytes, Available(deciding), Available(deciding));
    }

    private static long Available(NodeCondition condition) =>
        condition.Full ? 0 : Math.Max(0, condition.AvailableBytes);
}
