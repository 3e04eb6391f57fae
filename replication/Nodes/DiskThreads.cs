namespace Gateway.Replication.Nodes;

/// <summary>A few threads for work that blocks on the disk, so that the thread pool never does.</summary>
/// <remarks>A job that throws completes its task with the exception; the threads go on.</remarks>
internal sealed class DiskThreads : IDisposable
{
    /// <summary>Jobs waiting; more make their callers wait.</summary>
    public const int QueuedJobsMax = 1024;

    private readonly WorkQueue<Action> _jobs = new(QueuedJobsMax);
    private readonly Thread[] _threads;

    public DiskThreads(string name, int count)
    {
        _threads = new Thread[count];
        for (var i = 0; i < count; i++)
        {
            _threads[i] = new Thread(Run) { IsBackground = true, Name = name };
            _threads[i].Start();
        }
    }

    public async ValueTask<TResult> RunAsync<TResult>(Func<TResult> job, CancellationToken cancellation)
    {
        var done = new TaskCompletionSource<TResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        var isOpen = await _jobs.PostAsync(() => Complete(job, done), cancellation);
        ObjectDisposedException.ThrowIf(!isOpen, this);
        return await done.Task;
    }

    public void Dispose()
    {
        _jobs.Close();
        foreach (var thread in _threads) thread.Join();
    }

    private static void Complete<TResult>(Func<TResult> job, TaskCompletionSource<TResult> done)
    {
        try
        {
            done.TrySetResult(job());
        }
        catch (Exception e)
        {
            done.TrySetException(e);
        }
    }

    private void Run()
    {
        while (_jobs.Wait())
        {
            if (_jobs.TryTake(out var job)) job();
        }
    }
}
