using Gateway.Replication.Wire;

namespace Gateway.Replication.Links;

/// <summary>A reply, or the knowledge that none will come.</summary>
/// <param name="Answered">False: no reply, and the rest is empty.</param>
/// <param name="Reply">What the node said.</param>
/// <param name="Payload">The bytes that came with it; whoever asked releases them.</param>
public readonly record struct LinkAnswer<TReply>(bool Answered, TReply Reply, LentPayload Payload = default);

/// <summary>A request that waits for its reply on a link.</summary>
internal abstract class PendingRequest(long sentAt)
{
    public long SentAt { get; } = sentAt;

    /// <summary>Decodes the reply whose head the reader stands at, and receives its payload.</summary>
    public abstract ValueTask ReceiveAsync(IFrameInput input, CancellationToken cancellation);

    public abstract void Abandon();
}

/// <param name="payloadBytes">Length of the payload that comes with a reply, if one does.</param>
/// <param name="sentAt">Timestamp.</param>
/// <remarks>The flag is settled before a payload is taken: a payload always has somebody who will release it.</remarks>
internal sealed class PendingRequest<TReply>(int payloadBytes, long sentAt) : PendingRequest(sentAt)
    where TReply : IWireMessage<TReply>
{
    private readonly TaskCompletionSource<LinkAnswer<TReply>> _answer =
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private int _claimed;

    public async ValueTask<LinkAnswer<TReply>> WaitAsync(CancellationToken cancellation)
    {
        await using var registration = cancellation.UnsafeRegister(
            static state => ((PendingRequest<TReply>)state!).GiveUp(), this);
        return await _answer.Task;
    }

    public override async ValueTask ReceiveAsync(IFrameInput input, CancellationToken cancellation)
    {
        // Nobody waits: the reader skips the payload.
        if (Interlocked.Exchange(ref _claimed, 1) != 0) return;

        try
        {
            var reply = WireMessages.Decode<TReply>(input.Head);
            var length = input.Header.PayloadBytes;
            if (length != 0 && length != payloadBytes) throw new WireViolationException($"{length} bytes nobody asked for");

            var payload = length != 0 ? await input.TakePayloadAsync(cancellation) : default;
            _answer.TrySetResult(new LinkAnswer<TReply>(true, reply, payload));
        }
        finally
        {
            _answer.TrySetResult(default);
        }
    }

    public override void Abandon() => GiveUp();

    // While the payload arrives the waiter stays: it ends with the payload or with the connection.
    private void GiveUp()
    {
        if (Interlocked.Exchange(ref _claimed, 1) == 0) _answer.TrySetResult(default);
    }
}
