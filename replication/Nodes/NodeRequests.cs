using Gateway.Replication.Links;
using Gateway.Replication.Quorum;
using Gateway.Replication.Wire;

namespace Gateway.Replication.Nodes;

/// <summary>What the links of a node may ask of it, spread over its parts.</summary>
internal sealed class NodeRequests(
    NodeIdentity identity, JournalThread journal, NodeSlices slices, NodeInspection inspection, NodeHealth health)
    : INodeRequests
{
    public NodeIdentity Identity { get; } = identity;

    public bool TryPostJournal(NodeRequest request, ulong requestId, IJournalReplies replies) =>
        journal.TryPost(new JournalWork(request, requestId, replies, null));

    public ValueTask<WriteSliceReply> WriteSliceAsync(
        WriteSliceRequest request, ReadOnlyMemory<byte> data, CancellationToken cancellation) =>
        slices.WriteSliceAsync(request, data, cancellation);

    public ValueTask<ReadSliceReply> ReadSliceAsync(
        ReadSliceRequest request, Memory<byte> destination, CancellationToken cancellation) =>
        slices.ReadSliceAsync(request, destination, cancellation);

    public ValueTask<DiscardSlicesReply> DiscardSlicesAsync(
        DiscardSlicesRequest request, CancellationToken cancellation) =>
        ValueTask.FromResult(slices.Discard(request));

    public ValueTask<InventoryReply> InventoryAsync(InventoryRequest request, CancellationToken cancellation) =>
        ValueTask.FromResult(slices.Inventory(request));

    public ValueTask<ScrubReply> ScrubAsync(ScrubRequest request, CancellationToken cancellation) =>
        inspection.ScrubAsync(request, cancellation);

    public ValueTask<VerifySlicesReply> VerifySlicesAsync(
        VerifySlicesRequest request, CancellationToken cancellation) =>
        inspection.VerifySlicesAsync(request, cancellation);

    public ValueTask<VerifyJournalReply> VerifyJournalAsync(
        VerifyJournalRequest request, CancellationToken cancellation) =>
        inspection.VerifyJournalAsync(request, cancellation);

    public NodeCondition Condition(NodeConditionRequest request) => health.Read(request.Volume);
}
