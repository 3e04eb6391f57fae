namespace Gateway.Replication.Owner;

/// <summary>Slows background loops down to so many bytes per second, all together.</summary>
/// <remarks>Any thread. Idle time is not saved up beyond a second.</remarks>
internal sealed class RateLimit(long bytesPerSecond, TimeProvider time)
{
    private readonly long _began = time.GetTimestamp();
    private readonly Lock _gate = new();
    private double _freeAtSeconds;
    private long _bytesPerSecond = bytesPerSecond;

    /// <summary>May be changed at any time.</summary>
    public long BytesPerSecond
    {
        get => Interlocked.Read(ref _bytesPerSecond);
        set => Interlocked.Exchange(ref _bytesPerSecond, value);
    }

    /// <summary>Waits until the bytes fit the rate.</summary>
    public async ValueTask PaceAsync(long bytes, CancellationToken cancellation)
    {
        double wait;
        lock (_gate)
        {
            var now = time.GetElapsedTime(_began).TotalSeconds;
            _freeAtSeconds = Math.Max(_freeAtSeconds, now - 1) + (double)bytes / BytesPerSecond;
            wait = _freeAtSeconds - now;
        }

        if (wait > 0.001) await Task.Delay(TimeSpan.FromSeconds(Math.Min(wait, 60)), time, cancellation);
    }
}
