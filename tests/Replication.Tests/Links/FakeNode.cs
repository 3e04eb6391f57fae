using System.Collections.Concurrent;
using Gateway.Replication.Checksums;
using Gateway.Replication.Links;
using Gateway.Replication.Quorum;
using Gateway.Replication.Slices;
using Gateway.Replication.Wire;

namespace Gateway.Replication.Tests.Links;

/// <summary>
/// A node without disks: slices in a dictionary, and journal requests answered with what they carried.
/// </summary>
internal sealed class FakeNode(string name) : INodeRequests
{
    private int _writesUnderWay;
    private int _readsBegun;
    private int _checkedReads;

    public ConcurrentDictionary<SliceId, byte[]> Slices { get; } = new();

    public NodeIdentity Identity { get; } = new(name, 42);

    /// <summary>When set, writes wait for it.</summary>
    public Task Gate { get; set; } = Task.CompletedTask;

    /// <summary>When set, reads wait for it.</summary>
    public Task ReadGate { get; set; } = Task.CompletedTask;

    /// <summary>What is in memory is rotten, what is on the disk is not: a checked read finds that out.</summary>
    public bool HasRottenMemory { get; set; }

    public int CheckedReads => Volatile.Read(ref _checkedReads);

    public int WritesUnderWay => Volatile.Read(ref _writesUnderWay);

    public int ReadsBegun => Volatile.Read(ref _readsBegun);

    public List<NodeRequest> JournalRequests { get; } = [];

    public bool TryPostJournal(NodeRequest request, ulong requestId, IJournalReplies replies)
    {
        lock (JournalRequests) JournalRequests.Add(request);
        replies.Reply(requestId, new PlainReply
        {
            Header = new ReplyHeader
            {
                Status = Replication.Quorum.NodeStatus.Ok,
                PromisedEpoch = request.Header.Epoch,
                Nonce = 0,
                Incarnation = 42,
                ConfigGeneration = 1,
                SentAt = request.Header.SentAt,
            },
        });
        return true;
    }

    public async ValueTask<WriteSliceReply> WriteSliceAsync(
        WriteSliceRequest request, ReadOnlyMemory<byte> data, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _writesUnderWay);
        try
        {
            await Gate.WaitAsync(cancellation);
        }
        finally
        {
            Interlocked.Decrement(ref _writesUnderWay);
        }

        Slices[request.Slice.Id] = data.ToArray();
        return new WriteSliceReply(NodeOutcome.Ok, 1 << 30);
    }

    public async ValueTask<ReadSliceReply> ReadSliceAsync(
        ReadSliceRequest request, Memory<byte> destination, CancellationToken cancellation)
    {
        Interlocked.Increment(ref _readsBegun);
        await ReadGate.WaitAsync(cancellation);
        if (!Slices.TryGetValue(request.Slice.Id, out var bytes))
            return new ReadSliceReply(NodeOutcome.Absent, default);
        bytes.AsMemory(request.Offset, request.Length).CopyTo(destination);
        if (request.Checked) Interlocked.Increment(ref _checkedReads);
        else if (HasRottenMemory) destination.Span[0] ^= 1;
        var crcs = request.WantBlockCrcs
            ? bytes.Chunk(SliceLimits.BlockBytes).Select(block => Crc32C.Compute(block)).ToArray()
            : [];
        return new ReadSliceReply(NodeOutcome.Ok, crcs);
    }

    public ValueTask<DiscardSlicesReply> DiscardSlicesAsync(
        DiscardSlicesRequest request, CancellationToken cancellation)
    {
        foreach (var id in request.Slices.ToArray()) Slices.TryRemove(id, out _);
        return new(new DiscardSlicesReply(NodeOutcome.Ok));
    }

    public ValueTask<InventoryReply> InventoryAsync(InventoryRequest request, CancellationToken cancellation) =>
        new(new InventoryReply(NodeOutcome.Ok, Slices.Keys.Order().Select(id => new SliceRun(id, 1)).ToArray(), true));

    public ValueTask<ScrubReply> ScrubAsync(ScrubRequest request, CancellationToken cancellation) =>
        new(new ScrubReply(NodeOutcome.Ok, default, 0, default, 0));

    public ValueTask<VerifySlicesReply> VerifySlicesAsync(
        VerifySlicesRequest request, CancellationToken cancellation) =>
        throw new InvalidDataException("a broken node");

    public ValueTask<VerifyJournalReply> VerifyJournalAsync(
        VerifyJournalRequest request, CancellationToken cancellation) =>
        new(new VerifyJournalReply(NodeOutcome.Ok, default));

    public NodeCondition Condition(NodeConditionRequest request) => new() { Outcome = NodeOutcome.Ok, AvailableBytes = 7 };
}
