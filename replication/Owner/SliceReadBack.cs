using Gateway.Replication.Quorum;
using Gateway.Replication.Slices;
using Gateway.Replication.Wire;

namespace Gateway.Replication.Owner;

/// <summary>Has the nodes read slices back from their media, at a rate, to find those that need the journal no more.</summary>
/// <remarks>One call at a time.</remarks>
internal sealed class SliceReadBack(VolumeIdentity volume, VolumePeers peers, OwedSlices owed, RateLimit rate)
{
    /// <summary>Which of the slices W data nodes have; what a node turns out to lack is owed to it.</summary>
    public async Task<List<SliceRef>> FindDurableAsync(SliceRef[] slices, CancellationToken cancellation)
    {
        var durable = new List<SliceRef>();
        var (nodes, placement) = peers.SliceNodes;
        var asked = Array.FindAll(slices, slice => placement.IsDurable(
            node => nodes.Any(peer => peer.Node == node && peer.IsUp && !owed.Owes(peer, slice.Id))));
        foreach (var piece in Verify.Pieces(asked))
        {
            await rate.PaceAsync(piece.Sum(slice => (long)slice.Length), cancellation);
            var ids = Array.ConvertAll(piece, slice => slice.Id);
            var answers = await Task.WhenAll(nodes.Select(
                peer => peer.VerifySlicesAsync(volume.Volume, ids, cancellation)));
            for (var at = 0; at < piece.Length; at++)
            {
                var copies = Array.ConvertAll(answers, answer => answer?[at]);
                if (IsDurable(piece[at], nodes, placement, copies)) durable.Add(piece[at]);
            }
        }

        return durable;
    }

    private bool IsDurable(
        SliceRef slice, IReadOnlyList<NodePeer> nodes, SlicePlacement placement, SliceCopy?[] copies)
    {
        var good = new SliceCopy(NodeOutcome.Ok, slice.Length, slice.Crc32C);
        var holders = new HashSet<string>();
        for (var slot = 0; slot < nodes.Count; slot++)
        {
            if (copies[slot] is not { } copy) continue;
            if (copy == good) holders.Add(nodes[slot].Node);
            else Owe(nodes[slot], slice, isDamaged: copy.Outcome is NodeOutcome.Damaged or NodeOutcome.Ok);
        }

        return placement.IsDurable(holders.Contains);
    }

    private void Owe(NodePeer peer, SliceRef slice, bool isDamaged)
    {
        if (isDamaged && !owed.Owes(peer, slice.Id)) peer.CountDamage();
        owed.Add(peer, slice, isDamaged);
    }
}
