using Gateway.Admin;

namespace Gateway.Hosting;

/// <summary>Counters that only grow, at one moment.</summary>
internal readonly record struct RateCounts(long Requests, long ReadBytes, long WrittenBytes);

/// <summary>Rates over the last ten seconds, from counters sampled once a second.</summary>
internal sealed class RateWindow : IDisposable
{
    private const int SamplesMax = 11;

    private readonly TimeProvider _time;
    private readonly Func<RateCounts> _count;
    private readonly Queue<(long At, RateCounts Counts)> _samples = new();
    private readonly Lock _gate = new();
    private readonly ITimer _timer;

    public RateWindow(TimeProvider time, Func<RateCounts> count)
    {
        (_time, _count) = (time, count);
        Sample();
        _timer = time.CreateTimer(_ => Sample(), null, TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1));
    }

    public RatesReport Read()
    {
        var (now, counts) = (_time.GetTimestamp(), _count());
        lock (_gate)
        {
            var (at, before) = _samples.Peek();
            var seconds = Math.Max(_time.GetElapsedTime(at, now).TotalSeconds, 0.001);
            return new RatesReport
            {
                Requests = Math.Round((counts.Requests - before.Requests) / seconds, 1),
                ReadBytes = Math.Round((counts.ReadBytes - before.ReadBytes) / seconds, 1),
                WrittenBytes = Math.Round((counts.WrittenBytes - before.WrittenBytes) / seconds, 1),
            };
        }
    }

    public void Dispose() => _timer.Dispose();

    private void Sample()
    {
        var sample = (_time.GetTimestamp(), _count());
        lock (_gate)
        {
            _samples.Enqueue(sample);
            if (_samples.Count > SamplesMax) _samples.Dequeue();
        }
    }
}
