namespace Gateway.FileSystem.Data;

/// <summary>
/// A bounded amount of memory, handed out first come, first served; takers wait when it is used up. Thread-safe.
/// </summary>
internal sealed class WriteBudget(long bytesMax, TimeProvider clock)
{
    private const int WaitersMax = 16384;

    private readonly Lock _sync = new();
    private readonly LinkedList<Waiter> _waiters = new();
    private long _used;

    public long Used
    {
        get
        {
            lock (_sync) return _used;
        }
    }

    public bool HasWaiters
    {
        get
        {
            lock (_sync) return _waiters.Count > 0;
        }
    }

    public bool TryTake(long bytes)
    {
        lock (_sync)
        {
            if (_waiters.Count > 0 || _used + bytes > bytesMax) return false;
            _used += bytes;
            return true;
        }
    }

    /// <summary>True when the bytes were taken; false when they did not come free within the patience.</summary>
    public async ValueTask<bool> TakeAsync(long bytes, TimeSpan patience, CancellationToken cancellation)
    {
        var waiter = new Waiter(bytes);
        lock (_sync)
        {
            if (_waiters.Count == 0 && _used + bytes <= bytesMax)
            {
                _used += bytes;
                return true;
            }

            if (_waiters.Count >= WaitersMax) return false;
            _waiters.AddLast(waiter);
        }

        try
        {
            await waiter.Granted.Task.WaitAsync(patience, clock, cancellation);
            return true;
        }
        catch (Exception e) when (e is TimeoutException or OperationCanceledException)
        {
            lock (_sync)
            {
                // Granted just now: the bytes are ours and are used.
                if (!_waiters.Remove(waiter)) return true;
            }

            cancellation.ThrowIfCancellationRequested();
            return false;
        }
    }

    public void Return(long bytes)
    {
        lock (_sync)
        {
            _used -= bytes;
            while (_waiters.First is { Value: var first } && _used + first.Bytes <= bytesMax)
            {
                _used += first.Bytes;
                _waiters.RemoveFirst();
                first.Granted.SetResult();
            }
        }
    }

    private sealed class Waiter(long bytes)
    {
        public long Bytes => bytes;

        public TaskCompletionSource Granted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
