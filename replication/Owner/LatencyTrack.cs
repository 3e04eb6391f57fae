namespace Gateway.Replication.Owner;

/// <summary>Recent latencies of one node: a moving average, and the 95th percentile that hedging waits for.</summary>
/// <remarks>Any thread. A window of the last samples, sorted anew now and then.</remarks>
internal sealed class LatencyTrack(TimeProvider time)
{
    private const int SamplesMax = 128;
    private const int SamplesPerSort = 32;

    private readonly Lock _gate = new();
    private readonly long[] _samples = new long[SamplesMax];
    private int _count;
    private long _percentile95;
    private double _average;

    public long AverageTicks => (long)Volatile.Read(ref _average);

    /// <summary>95th percentile; zero while little is known.</summary>
    public TimeSpan Percentile95 => new(Interlocked.Read(ref _percentile95));

    /// <summary>Notes an answer to a request sent at the timestamp.</summary>
    public void Note(long sentAt)
    {
        var ticks = time.GetElapsedTime(sentAt).Ticks;
        lock (_gate)
        {
            _samples[_count++ % SamplesMax] = ticks;
            Volatile.Write(ref _average, _count == 1 ? ticks : 0.9 * _average + 0.1 * ticks);
            if (_count % SamplesPerSort != 0) return;

            Span<long> sorted = stackalloc long[SamplesMax];
            sorted = sorted[..Math.Min(_count, SamplesMax)];
            _samples.AsSpan(0, sorted.Length).CopyTo(sorted);
            sorted.Sort();
            Interlocked.Exchange(ref _percentile95, sorted[sorted.Length * 95 / 100]);
            if (_count >= SamplesMax * 1024) _count = SamplesMax;
        }
    }
}
