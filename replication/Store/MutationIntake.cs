using System.Collections.Concurrent;

namespace Gateway.Replication.Store;

/// <summary>Takes mutations in from any thread: bounded in number, callers beyond that wait their turn.</summary>
#pragma warning disable CA1001 // The semaphore has no wait handle to release, and late callers may still come.
internal sealed class MutationIntake(SequencerInbox inbox, VolumeStoreOptions options, TimeProvider time)
#pragma warning restore CA1001
{
    private readonly SemaphoreSlim _room = new(options.MutationsPendingMax);
    private readonly ConcurrentQueue<PendingMutation> _pool = new();

    public ValueTask<StoreOutcome> ExecuteAsync(Mutation mutation, CancellationToken cancellation) =>
        _room.Wait(0, CancellationToken.None)
            ? Submit(mutation, cancellation)
            : ExecuteLaterAsync(mutation, cancellation);

    /// <summary>So many mutations are answered.</summary>
    public void Leave(int count) => _room.Release(count);

    private ValueTask<StoreOutcome> Submit(Mutation mutation, CancellationToken cancellation)
    {
        if (!_pool.TryDequeue(out var pending)) pending = new PendingMutation(_pool);
        pending.Begin(mutation, time.GetTimestamp(), cancellation);
        var task = pending.AsTask();
        if (inbox.TryPost(pending)) return task;
        _room.Release();
        pending.Complete(StoreOutcome.Unavailable);
        return task;
    }

    private async ValueTask<StoreOutcome> ExecuteLaterAsync(Mutation mutation, CancellationToken cancellation)
    {
        using var bound = new CancellationTokenSource(options.UnavailableAfter, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(bound.Token, cancellation);
        try
        {
            await _room.WaitAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            return StoreOutcome.Unavailable;
        }

        return await Submit(mutation, cancellation);
    }
}
