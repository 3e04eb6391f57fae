namespace Gateway.Sockets;

/// <summary>A number of bytes shared by all connections. Who finds it used up waits in line.</summary>
/// <remarks>Threading: any. Taking what is there costs one interlocked addition.</remarks>
internal sealed class TransferBudget(long bytesMax)
{
    private readonly Lock _gate = new();
    private readonly Queue<(int Bytes, TaskCompletionSource Granted)> _line = new();
    private long _used;
    private int _waiting;

    public long Used => Volatile.Read(ref _used);

    /// <summary>What nobody has taken. A number of the moment.</summary>
    public long Free => Math.Max(0, bytesMax - Used);

    /// <summary>True while somebody stands in line.</summary>
    public bool IsWantedByOthers => Volatile.Read(ref _waiting) != 0;

    public bool TryTake(int bytes) => Volatile.Read(ref _waiting) == 0 && TryAdd(bytes);

    /// <summary>Completes when the bytes are taken; throws when cancelled before.</summary>
    public Task TakeAsync(int bytes, CancellationToken cancellation)
    {
        TaskCompletionSource granted;
        lock (_gate)
        {
            // Announced before looking again: a return either leaves enough to see here or sees the waiter.
            Interlocked.Increment(ref _waiting);
            if (_line.Count == 0 && TryAdd(bytes))
            {
                Interlocked.Decrement(ref _waiting);
                return Task.CompletedTask;
            }

            granted = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _line.Enqueue((bytes, granted));
        }

        return cancellation.CanBeCanceled ? WaitAsync(granted, cancellation) : granted.Task;
    }

    public void Return(int bytes)
    {
        Interlocked.Add(ref _used, -bytes);
        if (Volatile.Read(ref _waiting) == 0) return;

        lock (_gate)
        {
            while (_line.TryPeek(out var first) && TryAdd(first.Bytes))
            {
                _line.Dequeue();
                Interlocked.Decrement(ref _waiting);
                if (!first.Granted.TrySetResult()) Interlocked.Add(ref _used, -first.Bytes);
            }
        }
    }

    private static async Task WaitAsync(TaskCompletionSource granted, CancellationToken cancellation)
    {
        await using (cancellation.UnsafeRegister(static state => ((TaskCompletionSource)state!).TrySetCanceled(), granted))
            await granted.Task;
    }

    // A request is never larger than the whole, so an empty budget always admits the first.
    private bool TryAdd(int bytes)
    {
        if (Interlocked.Add(ref _used, bytes) <= bytesMax) return true;

        Interlocked.Add(ref _used, -bytes);
        return false;
    }
}
