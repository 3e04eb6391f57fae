using Gateway.Replication.Slices;
using Gateway.Replication.Wire;

namespace Gateway.Replication.Nodes;

/// <summary>The requests about slices. Writes wait for the store's commit thread, reads for a disk thread.</summary>
internal sealed class NodeSlices(SliceStore slices, JournalThread journal, DiskThreads reads)
{
    public async ValueTask<WriteSliceReply> WriteSliceAsync(
        WriteSliceRequest request, ReadOnlyMemory<byte> data, CancellationToken cancellation)
    {
        var refusal = journal.Snapshot.Refusal(request.Volume, request.Epoch);
        if (refusal is { } outcome) return new WriteSliceReply(outcome, slices.AvailableBytes);

        var written = await slices.WriteAsync(
            request.Volume, request.Slice, data, request.Replace, cancellation);
        return new WriteSliceReply(SliceOutcomes.ToWire(written), slices.AvailableBytes);
    }

    public async ValueTask<ReadSliceReply> ReadSliceAsync(
        ReadSliceRequest request, Memory<byte> destination, CancellationToken cancellation)
    {
        if (journal.Snapshot.Refusal(request.Volume) is { } refusal) return new ReadSliceReply(refusal, default);

        var crcs = request.WantBlockCrcs ? new uint[SliceRecord.BlocksOf(request.Slice.Length)] : [];
        SliceOutcome? cached = request.Checked
            ? null
            : slices.TryReadCached(request.Slice, request.Offset, destination.Span, crcs);
        var outcome = cached ?? await reads.RunAsync(
            () => slices.Read(request.Slice, request.Offset, destination.Span, crcs), cancellation);
        return new ReadSliceReply(SliceOutcomes.ToWire(outcome), outcome == SliceOutcome.Ok ? crcs : default);
    }

    public DiscardSlicesReply Discard(DiscardSlicesRequest request)
    {
        var refusal = journal.Snapshot.Refusal(request.Volume, request.Epoch);
        if (refusal is null) slices.Discard(request.Slices.Span);
        return new DiscardSlicesReply(refusal ?? NodeOutcome.Ok);
    }

    public InventoryReply Inventory(InventoryRequest request)
    {
        if (journal.Snapshot.Refusal(request.Volume) is { } refusal)
            return new InventoryReply(refusal, default, Complete: true);

        var runs = new List<(SliceId First, ulong Count)>();
        var isComplete = slices.Inventory(request.From, request.RunsMax, runs);
        var reply = new SliceRun[runs.Count];
        for (var i = 0; i < reply.Length; i++) reply[i] = new SliceRun(runs[i].First, runs[i].Count);
        return new InventoryReply(NodeOutcome.Ok, reply, isComplete);
    }
}
