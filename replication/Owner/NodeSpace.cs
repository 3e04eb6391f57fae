using Gateway.Replication.Store;
using Gateway.Replication.Wire;

namespace Gateway.Replication.Owner;

/// <summary>
/// The space of a volume from the words of its nodes: a slice needs W of them, so the W-th best decides. With a witness the
/// journal's majority may be other nodes than those, and may come to take what fewer than W data nodes cannot: then the
/// majority-th best of all members decides too.
/// </summary>
internal static class NodeSpace
{
    /// <summary>Null while too few nodes have told.</summary>
    public static StoreSpace? Decide(VolumePeers peers)
    {
        var (data, placement) = peers.SliceNodes;
        var known = Known(data);
        var slices = Best(known, placement.IsDurable);
        if (!placement.HasWitness) return slices;

        // Spilled slices need one data node that takes them.
        slices ??= Best(known, holds => data.Any(peer => holds(peer.Node)));
        var journal = Best(Known(peers.Voters), peers.Record.IsHeldByMajorities);
        if (slices is null || journal is null) return null;

        var available = Math.Min(slices.Value.AvailableBytes, journal.Value.AvailableBytes);
        return slices.Value with { FreeBytes = available, AvailableBytes = available };
    }

    private static List<(string Node, NodeCondition Condition)> Known(IEnumerable<NodePeer> peers)
    {
        var known = new List<(string Node, NodeCondition Condition)>();
        foreach (var peer in peers)
        {
            if (peer.Condition is { Outcome: NodeOutcome.Ok } condition) known.Add((peer.Node, condition));
        }

        known.Sort((left, right) => Available(right.Condition).CompareTo(Available(left.Condition)));
        return known;
    }

    // Of the fewest nodes that are enough the one with the least room.
    private static StoreSpace? Best(
        List<(string Node, NodeCondition Condition)> known, Func<Predicate<string>, bool> areEnough)
    {
        for (var count = 1; count <= known.Count; count++)
        {
            var best = known[..count];
            if (!areEnough(node => best.Exists(one => one.Node == node))) continue;
            var deciding = best[^1].Condition;
            return new StoreSpace(deciding.TotalBytes, Available(deciding), Available(deciding));
        }

        return null;
    }

    private static long Available(NodeCondition condition) =>
        condition.Full ? 0 : Math.Max(0, condition.AvailableBytes);
}
