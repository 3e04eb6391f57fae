using Gateway.Replication.Links;
using Gateway.Replication.Quorum;
using Gateway.Replication.Wire;

namespace Gateway.Replication.Nodes;

/// <summary>
/// Stands for a node whose device failed for good (PROTOCOL §3): touches no disk, takes and promises nothing, and tells
/// whoever asks.
/// </summary>
/// <remarks>Any thread; stateless.</remarks>
public sealed class FailedNode(string node) : INodeRequests
{
    /// <summary>No incarnation: there is no copy.</summary>
    public NodeIdentity Identity { get; } = new(node, 0);

    /// <summary>Silence: an answer would be a testimony.</summary>
    public bool TryPostJournal(NodeRequest request, ulong requestId, IJournalReplies replies) => false;

    public ValueTask<WriteSliceReply> WriteSliceAsync(
        WriteSliceRequest request, ReadOnlyMemory<byte> data, CancellationToken cancellation) =>
        new(new WriteSliceReply(NodeOutcome.Failed, 0));

    public ValueTask<ReadSliceReply> ReadSliceAsync(
        ReadSliceRequest request, Memory<byte> destination, CancellationToken cancellation) =>
        new(new ReadSliceReply(NodeOutcome.Failed, default));

    public ValueTask<DiscardSlicesReply> DiscardSlicesAsync(
        DiscardSlicesRequest request, CancellationToken cancellation) =>
        new(new DiscardSlicesReply(NodeOutcome.Failed));

    public ValueTask<InventoryReply> InventoryAsync(InventoryRequest request, CancellationToken cancellation) =>
        new(new InventoryReply(NodeOutcome.Failed, default, Complete: false));

    public ValueTask<ScrubReply> ScrubAsync(ScrubRequest request, CancellationToken cancellation) =>
        new(new ScrubReply(NodeOutcome.Failed, default, 0, default, 0));

    public ValueTask<VerifySlicesReply> VerifySlicesAsync(
        VerifySlicesRequest request, CancellationToken cancellation) =>
        new(new VerifySlicesReply(NodeOutcome.Failed, default));

    public ValueTask<VerifyJournalReply> VerifyJournalAsync(
        VerifyJournalRequest request, CancellationToken cancellation) =>
        new(new VerifyJournalReply(NodeOutcome.Failed, default));

    public NodeCondition Condition(NodeConditionRequest request) => new() { Outcome = NodeOutcome.Failed };
}
