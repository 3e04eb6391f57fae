using System.Collections.Concurrent;
using System.Threading.Tasks.Sources;

namespace Gateway.Replication.Store;

/// <summary>A mutation on its way, and the caller's task. Reused.</summary>
internal sealed class PendingMutation(ConcurrentQueue<PendingMutation> pool) : IValueTaskSource<StoreOutcome>
{
    private ManualResetValueTaskSourceCore<StoreOutcome> _completion;

    public Mutation Mutation { get; private set; } = null!;

    public CancellationToken Cancellation { get; private set; }

    /// <summary>Timestamp of arrival.</summary>
    public long Since { get; private set; }

    /// <summary>
    /// It changed nothing, so its answer needs the lease (PROTOCOL I11) where others have their commit.
    /// </summary>
    public bool ReadOnly { get; set; }

    public void Begin(Mutation mutation, long since, CancellationToken cancellation)
    {
        Mutation = mutation;
        Since = since;
        Cancellation = cancellation;
        ReadOnly = false;
    }

    public ValueTask<StoreOutcome> AsTask() => new(this, _completion.Version);

    public void Complete(StoreOutcome outcome) => _completion.SetResult(outcome);

    public void Cancel() => _completion.SetException(new OperationCanceledException(Cancellation));

    public StoreOutcome GetResult(short token)
    {
        try
        {
            return _completion.GetResult(token);
        }
        finally
        {
            _completion.Reset();
            Mutation = null!;
            Cancellation = default;
            pool.Enqueue(this);
        }
    }

    public ValueTaskSourceStatus GetStatus(short token) => _completion.GetStatus(token);

    public void OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _completion.OnCompleted(continuation, state, token, flags);
}
