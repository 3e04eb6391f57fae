namespace Gateway.Replication.Standby;

/// <summary>Wakes one waiter: what is raised while nobody waits wakes the next at once.</summary>
internal sealed class Signal(TimeProvider time)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource _raised = NewSource();

    /// <summary>Any thread; never blocks.</summary>
    public void Raise()
    {
        lock (_gate) _raised.TrySetResult();
    }

    /// <summary>Waits until it is raised, or so long.</summary>
    public async Task WaitAsync(TimeSpan longest, CancellationToken cancellation)
    {
        Task raised;
        lock (_gate) raised = _raised.Task;
        if (!raised.IsCompleted && longest > TimeSpan.Zero)
        {
            using var woken = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            await Task.WhenAny(raised, Task.Delay(longest, time, woken.Token));
            await woken.CancelAsync();
        }

        cancellation.ThrowIfCancellationRequested();
        lock (_gate)
        {
            if (_raised.Task.IsCompleted) _raised = NewSource();
        }
    }

    private static TaskCompletionSource NewSource() => new(TaskCreationOptions.RunContinuationsAsynchronously);
}
