namespace Gateway.Simulation.Cluster;

/// <summary>
/// Simulated time: actions in the order of their times, and of their scheduling when those are equal.
/// </summary>
internal sealed class Scheduler
{
    private readonly PriorityQueue<Action, (long At, long Order)> _queue = new();
    private long _scheduled;

    /// <summary>Nanoseconds since the start of the run.</summary>
    public long Now { get; private set; }

    public void After(long nanoseconds, Action action) =>
        _queue.Enqueue(action, (Now + Math.Max(0, nanoseconds), _scheduled++));

    /// <summary>Runs the next action; false when there is none until then.</summary>
    public bool RunNext(long until)
    {
        if (!_queue.TryPeek(out _, out var key) || key.At > until) return false;

        Now = key.At;
        _queue.Dequeue()();
        return true;
    }
}
