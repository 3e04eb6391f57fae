using Gateway.Replication.Slices;
using Gateway.Replication.Wire;

namespace Gateway.Replication.Owner;

/// <summary>The questions an owner asks of one node, in its own words; null when there was no answer.</summary>
internal static class NodeRequests
{
    public static async ValueTask<NodeCondition?> ConditionAsync(
        this NodePeer peer, Guid volume, CancellationToken cancellation)
    {
        var answer = await peer.Slices.RequestAsync<NodeConditionRequest, NodeCondition>(
            FrameKind.Condition, new NodeConditionRequest(volume), cancellation);
        return answer.Answered ? answer.Reply : null;
    }

    public static async ValueTask<InventoryReply?> InventoryAsync(
        this NodePeer peer, Guid volume, SliceId from, CancellationToken cancellation)
    {
        var answer = await peer.Slices.RequestAsync<InventoryRequest, InventoryReply>(
            FrameKind.Inventory, new InventoryRequest(volume, from, FrameLimits.InventoryRunsMax), cancellation);
        return answer.Answered ? answer.Reply : null;
    }

    /// <summary>True when the node has freed them.</summary>
    public static async Task<bool> DiscardAsync(
        this NodePeer peer, VolumeIdentity volume, SliceId[] slices, CancellationToken cancellation)
    {
        var answer = await peer.Slices.RequestAsync<DiscardSlicesRequest, DiscardSlicesReply>(
            FrameKind.DiscardSlices, new DiscardSlicesRequest(volume.Volume, volume.Epoch, slices), cancellation);
        return answer.Answered && answer.Reply.Outcome == NodeOutcome.Ok;
    }

    public static async ValueTask<ScrubReply?> ScrubAsync(
        this NodePeer peer, Guid volume, SliceId from, int bytesMax, CancellationToken cancellation)
    {
        var answer = await peer.Slices.RequestAsync<ScrubRequest, ScrubReply>(
            FrameKind.Scrub, new ScrubRequest(volume, from, bytesMax), cancellation);
        return answer.Answered ? answer.Reply : null;
    }

    /// <summary>One copy per id; null when the node does not answer so.</summary>
    public static async Task<SliceCopy[]?> VerifySlicesAsync(
        this NodePeer peer, Guid volume, SliceId[] slices, CancellationToken cancellation)
    {
        var answer = await peer.Slices.RequestAsync<VerifySlicesRequest, VerifySlicesReply>(
            FrameKind.VerifySlices, new VerifySlicesRequest(volume, slices), cancellation);
        return answer.Answered && answer.Reply.Copies.Length == slices.Length ? answer.Reply.Copies.ToArray() : null;
    }

    /// <summary>
    /// Entries from the index on, as far as the node has them; null when the node does not answer so.
    /// </summary>
    public static async Task<EntryCopy[]?> VerifyJournalAsync(
        this NodePeer peer, Guid volume, ulong from, int count, CancellationToken cancellation)
    {
        var answer = await peer.Slices.RequestAsync<VerifyJournalRequest, VerifyJournalReply>(
            FrameKind.VerifyJournal, new VerifyJournalRequest(volume, from, count), cancellation);
        return answer.Answered && answer.Reply.Outcome == NodeOutcome.Ok ? answer.Reply.Entries.ToArray() : null;
    }

    /// <summary>
    /// True when the node has the run's bytes durably; the run is shared with the link while it sends.
    /// </summary>
    public static async Task<bool> WriteCopyAsync(
        this NodePeer peer, VolumeIdentity volume, SliceRef slice, CachedRun run, bool replace,
            CancellationToken cancellation)
    {
        var request = new WriteSliceRequest(volume.Volume, volume.Epoch, slice, replace);
        var answer = await peer.Slices.WriteSliceAsync(request, run.Lend(), cancellation);
        return answer.Answered && answer.Reply.Outcome == NodeOutcome.Ok;
    }
}
