namespace Gateway.Replication.Links;

/// <summary>A bound on bytes in flight. Takers wait in order of arrival.</summary>
/// <remarks>Threading: any. A request larger than the whole budget is taken when nothing else is out.</remarks>
public sealed class ByteBudget(long bytesMax)
{
    private readonly Lock _gate = new();
    private readonly LinkedList<Waiter> _waiters = [];
    private long _taken;

    public long BytesMax { get; } = bytesMax;

    public long Taken
    {
        get
        {
            lock (_gate) return _taken;
        }
    }

    /// <summary>Takes at once or not at all.</summary>
    public bool TryTake(long bytes)
    {
        lock (_gate)
        {
            if (_waiters.Count != 0 || !HasRoom(bytes)) return false;
            _taken += bytes;
            return true;
        }
    }

    /// <summary>Waits for room. A cancelled taker has taken nothing.</summary>
    public ValueTask TakeAsync(long bytes, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested) return ValueTask.FromCanceled(cancellation);

        Waiter waiter;
        lock (_gate)
        {
            if (_waiters.Count == 0 && HasRoom(bytes))
            {
                _taken += bytes;
                return ValueTask.CompletedTask;
            }

            waiter = new Waiter(bytes);
            _waiters.AddLast(waiter);
        }

        return WaitAsync(waiter, cancellation);
    }

    public void Give(long bytes)
    {
        List<Waiter>? admitted = null;
        lock (_gate)
        {
            _taken -= bytes;
            Invariant.Holds(_taken >= 0, "more bytes were given back to a budget than taken");
            admitted = Admit();
        }

        Release(admitted);
    }

    private async ValueTask WaitAsync(Waiter waiter, CancellationToken cancellation)
    {
        await using var registration = cancellation.UnsafeRegister(
            static (state, token) =>
            {
                var (budget, cancelled) = ((ByteBudget, Waiter))state!;
                budget.Cancel(cancelled, token);
            },
            (this, waiter));
        await waiter.Admitted.Task;
    }

    private void Cancel(Waiter waiter, CancellationToken cancellation)
    {
        List<Waiter>? admitted;
        lock (_gate)
        {
            if (!_waiters.Remove(waiter)) return;

            // The one behind a large taker may fit where that one did not.
            admitted = Admit();
        }

        Release(admitted);
        waiter.Admitted.TrySetCanceled(cancellation);
    }

    private List<Waiter>? Admit()
    {
        List<Waiter>? admitted = null;
        while (_waiters.First is { } first && HasRoom(first.Value.Bytes))
        {
            _taken += first.Value.Bytes;
            _waiters.RemoveFirst();
            (admitted ??= []).Add(first.Value);
        }

        return admitted;
    }

    private static void Release(List<Waiter>? admitted)
    {
        if (admitted is null) return;
        foreach (var waiter in admitted) waiter.Admitted.SetResult();
    }

    private bool HasRoom(long bytes) => _taken == 0 || _taken + bytes <= BytesMax;

    private sealed class Waiter(long bytes)
    {
        public long Bytes { get; } = bytes;

        public TaskCompletionSource Admitted { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
