namespace Gateway.Lab;

/// <summary>The most resident memory a process was seen with, looked at ten times a second.</summary>
internal sealed class PeakMemory : IDisposable
{
    private static readonly TimeSpan Interval = TimeSpan.FromMilliseconds(100);

    private readonly Timer _timer;
    private long _bytes;

    public PeakMemory(HostProcess process) =>
        _timer = new Timer(_ => Note(process.ResidentBytes), null, TimeSpan.Zero, Interval);

    public long Bytes => Volatile.Read(ref _bytes);

    public void Dispose()
    {
        using var ended = new ManualResetEvent(false);
        if (_timer.Dispose(ended)) ended.WaitOne();
        _timer.Dispose();
    }

    private void Note(long bytes)
    {
        for (var seen = Bytes; bytes > seen; seen = Bytes)
        {
            if (Interlocked.CompareExchange(ref _bytes, bytes, seen) == seen) return;
        }
    }
}
