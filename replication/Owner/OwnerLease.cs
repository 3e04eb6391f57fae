namespace Gateway.Replication.Owner;

/// <summary>
/// The right to answer, as a time that is compared with the clock inside each request (PROTOCOL §2.6).
/// </summary>
/// <remarks>Any thread reads and waits; the owner's steps renew it.</remarks>
internal sealed class OwnerLease(TimeProvider time, Task stopped)
{
    private readonly Lock _gate = new();
    private TaskCompletionSource? _renewed;
    private long _until = long.MinValue;

    public bool IsValid => time.GetTimestamp() < Volatile.Read(ref _until);

    public TimeSpan Remaining
    {
        get
        {
            var until = Volatile.Read(ref _until);
            return until == long.MinValue ? TimeSpan.Zero : TimeSpan.FromTicks((until - time.GetTimestamp()) / 100);
        }
    }

    public void Renew(long until)
    {
        Volatile.Write(ref _until, until);
        if (Volatile.Read(ref _renewed) is null || !IsValid) return;
        TaskCompletionSource? renewed;
        lock (_gate) (renewed, _renewed) = (_renewed, null);
        renewed?.SetResult();
    }

    /// <summary>False when the owner stopped.</summary>
    public async ValueTask<bool> WaitAsync(CancellationToken cancellation)
    {
        while (!IsValid)
        {
            if (stopped.IsCompleted) return false;
            TaskCompletionSource renewed;
            lock (_gate) renewed = _renewed ??= new(TaskCreationOptions.RunContinuationsAsynchronously);

            // Renewed between the look and the wait: nobody else would tell.
            if (IsValid) return true;
            await Task.WhenAny(renewed.Task, stopped).WaitAsync(cancellation);
        }

        return true;
    }
}
