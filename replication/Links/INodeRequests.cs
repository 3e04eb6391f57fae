using Gateway.Replication.Quorum;
using Gateway.Replication.Wire;

namespace Gateway.Replication.Links;

/// <summary>A backend node as its links see it: what a request that came in over a link does.</summary>
/// <remarks>
/// Threading: called from many threads at once. No call may block: work that waits for a disk is done on the node's
/// own threads. The number of requests and payload bytes in flight is bounded by the link, per connection.
/// An exception is a broken invariant of the node: the connection closes, and the node is expected to stop.
/// </remarks>
public interface INodeRequests
{
    /// <summary>Who the node is, told in every handshake.</summary>
    NodeIdentity Identity { get; }

    /// <summary>
    /// Queues a request of the journal protocol for the volume's journal thread. False when the queue is full:
    /// the request is dropped, and its owner will send it again.
    /// </summary>
    bool TryPostJournal(NodeRequest request, ulong requestId, IJournalReplies replies);

    /// <summary>
    /// Stores a slice and completes when it is durable. <paramref name="data"/> matches the slice's length and CRC-32C
    /// (checked on arrival) and stays unchanged until the task completes; it is pooled, so keep nothing of it.
    /// </summary>
    ValueTask<WriteSliceReply> WriteSliceAsync(
        WriteSliceRequest request, ReadOnlyMemory<byte> data, CancellationToken cancellation);

    /// <summary>Fills <paramref name="destination"/> (of the requested length) when the answer is Ok.</summary>
    ValueTask<ReadSliceReply> ReadSliceAsync(
        ReadSliceRequest request, Memory<byte> destination, CancellationToken cancellation);

    ValueTask<DiscardSlicesReply> DiscardSlicesAsync(DiscardSlicesRequest request, CancellationToken cancellation);

    ValueTask<InventoryReply> InventoryAsync(InventoryRequest request, CancellationToken cancellation);

    ValueTask<ScrubReply> ScrubAsync(ScrubRequest request, CancellationToken cancellation);

    ValueTask<VerifySlicesReply> VerifySlicesAsync(VerifySlicesRequest request, CancellationToken cancellation);

    ValueTask<VerifyJournalReply> VerifyJournalAsync(VerifyJournalRequest request, CancellationToken cancellation);

    /// <summary>Answered from memory.</summary>
    NodeCondition Condition(NodeConditionRequest request);
}

/// <summary>The way back to the link a journal request came from.</summary>
public interface IJournalReplies
{
    /// <summary>Sends the reply. Any thread; never blocks. A reply to a link that is gone is dropped.</summary>
    void Reply(ulong requestId, NodeReply reply);
}

/// <summary>
/// A node by name, and which disk it is: a directory that was emptied is another incarnation (PROTOCOL §2.8).
/// </summary>
public readonly record struct NodeIdentity(string Node, ulong Incarnation);
