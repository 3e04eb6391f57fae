using Gateway.Replication.Links;
using Gateway.Replication.Quorum;
using Gateway.Replication.Wire;

namespace Gateway.Replication.Tests.Owner;

/// <summary>A node whose slice writes can be held up, and whose disk can be said to be full.</summary>
internal sealed class HeldNode(INodeRequests inner) : INodeRequests
{
    /// <summary>Writes of slices wait for it.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>Completes when the first write is there.</summary>
    public TaskCompletionSource HeldUp { get; init; } = new();

    public bool IsFull { get; set; }

    public NodeIdentity Identity => inner.Identity;

    public bool TryPostJournal(NodeRequest request, ulong requestId, IJournalReplies replies) =>
        inner.TryPostJournal(request, requestId, replies);

    public async ValueTask<WriteSliceReply> WriteSliceAsync(
        WriteSliceRequest request, ReadOnlyMemory<byte> data, CancellationToken cancellation)
    {
        HeldUp.TrySetResult();
        await Gate.WaitAsync(cancellation);
        return IsFull
            ? new WriteSliceReply(NodeOutcome.NoSpace, 0)
            : await inner.WriteSliceAsync(request, data, cancellation);
    }

    public ValueTask<ReadSliceReply> ReadSliceAsync(
        ReadSliceRequest request, Memory<byte> destination, CancellationToken cancellation) =>
        inner.ReadSliceAsync(request, destination, cancellation);

    public ValueTask<DiscardSlicesReply> DiscardSlicesAsync(
        DiscardSlicesRequest request, CancellationToken cancellation) =>
        inner.DiscardSlicesAsync(request, cancellation);

    public ValueTask<InventoryReply> InventoryAsync(InventoryRequest request, CancellationToken cancellation) =>
        inner.InventoryAsync(request, cancellation);

    public ValueTask<ScrubReply> ScrubAsync(ScrubRequest request, CancellationToken cancellation) =>
        inner.ScrubAsync(request, cancellation);

    public ValueTask<VerifySlicesReply> VerifySlicesAsync(
        VerifySlicesRequest request, CancellationToken cancellation) =>
        inner.VerifySlicesAsync(request, cancellation);

    public ValueTask<VerifyJournalReply> VerifyJournalAsync(
        VerifyJournalRequest request, CancellationToken cancellation) =>
        inner.VerifyJournalAsync(request, cancellation);

    public NodeCondition Condition(NodeConditionRequest request)
    {
        var condition = inner.Condition(request);
        return IsFull ? condition with { AvailableBytes = 0 } : condition;
    }
}
