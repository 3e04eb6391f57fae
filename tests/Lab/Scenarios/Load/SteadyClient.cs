using System.Diagnostics;

namespace Gateway.Lab.Scenarios.Load;

/// <summary>
/// A client that has one thing done after another, each until it is answered; and knows the longest time between two answers.
/// </summary>
internal abstract class SteadyClient(string name) : LoadClient(name)
{
    private long _longest;
    private int _acknowledged;

    public int Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>Longest time between two answers since it was last set to zero.</summary>
    public TimeSpan LongestGap
    {
        get => TimeSpan.FromTicks(Volatile.Read(ref _longest));
        set => Volatile.Write(ref _longest, value.Ticks);
    }

    /// <summary>One thing, until it is answered; false when told to stop while nobody answers.</summary>
    protected abstract bool Step();

    protected override void Work()
    {
        var last = Stopwatch.GetTimestamp();
        while (!Stopping.IsCancellationRequested && Step())
        {
            var now = Stopwatch.GetTimestamp();
            var gap = Stopwatch.GetElapsedTime(last, now);
            if (gap > LongestGap) LongestGap = gap;
            last = now;
            Interlocked.Increment(ref _acknowledged);
        }
    }
}
