using Gateway.Replication.Wire;

namespace Gateway.Replication.Links;

/// <summary>A reply, or the knowledge that none will come.</summary>
public readonly record struct LinkAnswer<TReply>(bool Answered, TReply Reply);

/// <summary>A request that waits for its reply on a link.</summary>
internal abstract class PendingRequest(long sentAt)
{
    public long SentAt { get; } = sentAt;

    /// <summary>Decodes the reply whose head the reader stands at, and receives its payload.</summary>
    public abstract ValueTask ReceiveAsync(FrameReader input, CancellationToken cancellation);

    public abstract void Abandon();
}

/// <remarks>
/// A waiter that gave up takes its destination back: the flag is settled before a payload is received, so that bytes
/// never
/// arrive in memory that is used for something else by then.
/// </remarks>
internal sealed class PendingRequest<TReply>(Memory<byte> destination, long sentAt) : PendingRequest(sentAt)
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

    public override async ValueTask ReceiveAsync(FrameReader input, CancellationToken cancellation)
    {
        if (Interlocked.Exchange(ref _claimed, 1) != 0)
        {
            await input.SkipPayloadAsync(cancellation);
            return;
        }

        try
        {
            var reply = WireMessages.Decode<TReply>(input.Head);
            if (input.Header.PayloadBytes != 0) await input.ReadPayloadAsync(destination, cancellation);
            _answer.TrySetResult(new LinkAnswer<TReply>(true, reply));
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
