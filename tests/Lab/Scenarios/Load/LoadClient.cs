namespace Gateway.Lab.Scenarios.Load;

/// <summary>A client of a server, on a thread of its own.</summary>
internal abstract class LoadClient : IDisposable
{
    private readonly CancellationTokenSource _stop = new();
    private readonly Thread _thread;
    private Exception? _failure;

    protected LoadClient(string name) => _thread = new Thread(Run) { IsBackground = true, Name = name };

    /// <summary>Answers that no client may get, and what else went wrong with it; read it after <see cref="Stop"/>.</summary>
    public List<string> Errors { get; } = [];

    /// <summary>What went wrong below it.</summary>
    public virtual IEnumerable<string> Complaints => [];

    protected CancellationToken Stopping => _stop.Token;

    public void Start() => _thread.Start();

    /// <summary>Ends it after what it does now, or without the answer when none comes.</summary>
    public void Stop()
    {
        _stop.Cancel();
        if (_thread.IsAlive) _thread.Join();
        if (_failure is not null) Errors.Add($"{_thread.Name} ended: {_failure}");
        _failure = null;
    }

    public virtual void Dispose()
    {
        Stop();
        _stop.Dispose();
    }

    /// <summary>All it does, until <see cref="Stopping"/>.</summary>
    protected abstract void Work();

    private void Run()
    {
        try
        {
            Work();
        }
        catch (Exception failure) when (failure is not OutOfMemoryException)
        {
            // Of this thread; the test reports it.
            _failure = failure;
        }
    }
}
