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
    public static StoreSpace? Decide((IReadOnlyList<NodePeer> Data, SlicePlacement Placement) nodes)
    {
        var known = new List<(string Node, NodeCondition Condition)>(nodes.Data.Count);
        foreach (var peer in nodes.Data)
        {
            if (peer.Condition is { Outcome: NodeOutcome.Ok } condition) known.Add((peer.Node, condition));
        }

        known.Sort((left, right) => Available(right.Condition).CompareTo(Available(left.Condition)));
        for (var count = 1; count <= known.Count; count++)
        {
            var best = known[..count];
            if (!nodes.Placement.IsDurable(node => best.Exists(one => one.Node == node))) continue;
            var deciding = best[^1].Condition;
            return new StoreSpace(deciding.TotalBytes, Available(deciding), Available(deciding));
        }

        return null;
    }

    private static long Available(NodeCondition condition) =>
        condition.Full ? 0 : Math.Max(0, condition.AvailableBytes);
}
