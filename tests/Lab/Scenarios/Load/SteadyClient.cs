using System.Diagnostics;

namespace Gateway.Lab.Scenarios.Load;

/// <summary>
/// A client that has one thing done after another, each until it is answered, on a thread of its own; and knows the longest time
/// between two answers.
/// </summary>
internal abstract class SteadyClient : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Thread _thread;
    private long _longest;
    private int _acknowledged;
    private Exception? _failure;

    protected SteadyClient(string name) => _thread = new Thread(Run) { IsBackground = true, Name = name };

    public int Acknowledged => Volatile.Read(ref _acknowledged);

    /// <summary>Answers that no client may get; read it after <see cref="Stop"/>.</summary>
    public virtual IEnumerable<string> Errors => Wrong;

    /// <summary>Longest time between two answers since it was last set to zero.</summary>
    public TimeSpan LongestGap
    {
        get => TimeSpan.FromTicks(Volatile.Read(ref _longest));
        set => Volatile.Write(ref _longest, value.Ticks);
    }

    protected List<string> Wrong { get; } = [];

    protected CancellationToken Stopping => _stop.Token;

    public void Start() => _thread.Start();

    public void Stop()
    {
        _stop.Cancel();
        if (_thread.IsAlive) _thread.Join();
        if (_failure is not null) Wrong.Add($"{_thread.Name} ended: {_failure}");
        _failure = null;
    }

    public virtual void Dispose()
    {
        Stop();
        _stop.Dispose();
    }

    /// <summary>One thing, until it is answered; false when told to stop while nobody answers.</summary>
    protected abstract bool Step();

    private void Run()
    {
        try
        {
            var last = Stopwatch.GetTimestamp();
            while (!_stop.IsCancellationRequested && Step())
            {
                var now = Stopwatch.GetTimestamp();
                var gap = Stopwatch.GetElapsedTime(last, now);
                if (gap > LongestGap) LongestGap = gap;
                last = now;
                Interlocked.Increment(ref _acknowledged);
            }
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // Of this thread; the test reports it.
            _failure = failure;
        }
    }
}
