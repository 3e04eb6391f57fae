using Gateway.Replication.Slices;
using Gateway.Replication.Store;
using Gateway.Replication.Wire;

namespace Gateway.Replication.Owner;

/// <summary>Has the nodes read a slice back from their disks, and judges whether it is durable.</summary>
internal sealed class ReplicaCheck(VolumeIdentity volume, VolumePeers peers)
{
    /// <inheritdoc cref="ISliceStorage.VerifySliceAsync"/>
    public async ValueTask<StoreOutcome> VerifyAsync(SliceRef slice, CancellationToken cancellation)
    {
        var (nodes, placement) = peers.SliceNodes;
        var copies = await Task.WhenAll(nodes.Select(peer =>
            peer.VerifySlicesAsync(volume.Volume, [slice.Id], cancellation)));
        var good = new SliceCopy(NodeOutcome.Ok, slice.Length, slice.Crc32C);
        var answers = nodes.Zip(copies).ToDictionary(answer => answer.First.Node, answer => answer.Second);
        if (placement.IsDurable(node => answers.GetValueOrDefault(node) is [var one] && one == good))
            return StoreOutcome.Ok;

        // Unless even all that did not answer would not be enough, were theirs good.
        return placement.IsDurable(node => answers.GetValueOrDefault(node) is not [var one] || one == good)
            ? StoreOutcome.Unavailable
            : StoreOutcome.Damaged;
    }
}
