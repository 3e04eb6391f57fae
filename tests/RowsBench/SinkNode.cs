using Gateway.Replication.Links;
using Gateway.Replication.Quorum;
using Gateway.Replication.Slices;
using Gateway.Replication.Wire;

namespace Gateway.RowsBench;

/// <summary>A node that takes every slice and keeps none: what is measured is the way to it.</summary>
internal sealed class SinkNode(string name) : INodeVolumes, INodeRequests
{
    private readonly byte[] _content = new byte[SliceLimits.BytesMax];

    public string Node => name;

    public NodeIdentity Identity => new(name, 1);

    public NodeEntry Enter(Guid volume) => new(this, () => { }, CancellationToken.None);

    public bool TryPostJournal(NodeRequest request, ulong requestId, IJournalReplies replies) => true;

    public ValueTask<WriteSliceReply> WriteSliceAsync(
        WriteSliceRequest request, ReadOnlyMemory<byte> data, CancellationToken cancellation) =>
        new(new WriteSliceReply(NodeOutcome.Ok, 1 << 30));

    public ValueTask<ReadSliceReply> ReadSliceAsync(
        ReadSliceRequest request, Memory<byte> destination, CancellationToken cancellation)
    {
        _content.AsMemory(0, request.Length).CopyTo(destination);
        return new(new ReadSliceReply(NodeOutcome.Ok, default));
    }

    public ValueTask<DiscardSlicesReply> DiscardSlicesAsync(DiscardSlicesRequest request, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public ValueTask<InventoryReply> InventoryAsync(InventoryRequest request, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public ValueTask<ScrubReply> ScrubAsync(ScrubRequest request, CancellationToken cancellation) => throw new NotSupportedException();

    public ValueTask<VerifySlicesReply> VerifySlicesAsync(VerifySlicesRequest request, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public ValueTask<VerifyJournalReply> VerifyJournalAsync(VerifyJournalRequest request, CancellationToken cancellation) =>
        throw new NotSupportedException();

    public NodeCondition Condition(NodeConditionRequest request) => new() { Outcome = NodeOutcome.Ok, AvailableBytes = 1 };
}
