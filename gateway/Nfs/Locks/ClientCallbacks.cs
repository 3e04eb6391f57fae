using System.Net;
using System.Net.Sockets;
using Gateway.Protocol.Nlm4;
using Gateway.Protocol.Wire;

namespace Gateway.Nfs.Locks;

/// <summary>What one client is to be told, and the loop that tells it, one thing after the other.</summary>
/// <remarks>
/// Threading: the queues belong to <see cref="GrantCallbacks"/> and are touched only with its gate held; the rest is the loop's.
/// The loop lives while there is something to tell.
/// </remarks>
internal sealed class ClientCallbacks
{
    private readonly GrantCallbacks _owner;
    private readonly CancellationToken _stop;
    private readonly List<Grant> _grants = [];
    private readonly Queue<CallbackWork> _messages = new();
    private TaskCompletionSource _news = new();

    public ClientCallbacks(GrantCallbacks owner, IPAddress address, IPAddress from, CancellationToken stop)
    {
        _owner = owner;
        _stop = stop;
        Key = (address, from);

        // Not on this thread: whoever grants a lock must not wait for a client.
        Completion = Task.Run(RunAsync, CancellationToken.None);
    }

    public (IPAddress Address, IPAddress From) Key { get; }

    public Task Completion { get; }

    /// <summary>With the owner's gate held.</summary>
    public void Queue(Grant grant)
    {
        grant.DueTimestamp = _owner.Time.GetTimestamp();
        _grants.Add(grant);
        _news.TrySetResult();
    }

    /// <summary>With the owner's gate held.</summary>
    public void Queue(Nlm4Procedure procedure, Action<XdrWriter> write)
    {
        if (_messages.Count >= GrantCallbacks.MessagesMax) return;

        _messages.Enqueue(new CallbackWork(null, procedure, write));
        _news.TrySetResult();
    }

    /// <summary>With the owner's gate held. False when nothing is left to tell.</summary>
    public bool TryNext(Func<Grant, bool> isPending, long now, out CallbackWork work)
    {
        if (_messages.TryDequeue(out work)) return true;

        _grants.RemoveAll(grant => !isPending(grant));
        if (_grants.Count == 0) return false;

        var next = _grants[0];
        foreach (var grant in _grants)
        {
            if (grant.DueTimestamp < next.DueTimestamp) next = grant;
        }

        var wait = _owner.Time.GetElapsedTime(now, next.DueTimestamp);
        if (wait <= TimeSpan.Zero)
        {
            work = new CallbackWork(next, Nlm4Procedure.Granted, next.WriteArguments);
            return true;
        }

        _news = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        work = new CallbackWork(null, default, null) { Wait = wait, News = _news.Task };
        return true;
    }

    private static bool IsPeerTrouble(Exception error) =>
        error is IOException or SocketException or OperationCanceledException or ProtocolViolationException;

    private async Task WaitAsync(CallbackWork work)
    {
        try
        {
            await work.News!.WaitAsync(work.Wait, _owner.Time, _stop);
        }
        catch (TimeoutException)
        {
            // Something is due.
        }
    }

    private async Task RunAsync()
    {
        using var link = new LockManagerLink(Key.Address, Key.From, _owner.PortmapPort);
        try
        {
            while (_owner.TryNext(this, out var work))
            {
                if (work.Write is null)
                {
                    await WaitAsync(work);
                    continue;
                }

                await _owner.Calls.WaitAsync(_stop);
                try
                {
                    await (work.Grant is null ? SendAsync(link, work) : TellAsync(link, work.Grant));
                }
                finally
                {
                    _owner.Calls.Release();
                }
            }
        }
        catch (OperationCanceledException) when (_stop.IsCancellationRequested)
        {
            // The end of the process. Clients that wait ask again by themselves and find their locks held.
        }
    }

    private async Task SendAsync(LockManagerLink link, CallbackWork work)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_stop);
        patience.CancelAfter(_owner.Timings.AttemptMax);
        try
        {
            await link.SendAsync(work.Procedure, work.Write!, patience.Token);
        }
        catch (Exception error) when (IsPeerTrouble(error))
        {
            _owner.ReportLost(Key.Address, error.Message);
        }
    }

    private async Task TellAsync(LockManagerLink link, Grant grant)
    {
        using var patience = CancellationTokenSource.CreateLinkedTokenSource(_stop);
        patience.CancelAfter(_owner.Timings.AttemptMax);
        grant.Attempts++;
        var trouble = "it does not answer";
        try
        {
            if (grant.ByMessage)
            {
                await link.SendAsync(Nlm4Procedure.GrantedMessage, grant.WriteArguments, patience.Token);
            }
            else if (await link.GrantedAsync(grant.WriteArguments, patience.Token) is { } status)
            {
                await _owner.ConcludeAsync(grant, status);
                trouble = "it is not ready";
                link.Answered();
            }
            else
            {
                trouble = "its lock manager refuses the call";
                link.Answered();
            }
        }
        catch (Exception error) when (IsPeerTrouble(error) && !_stop.IsCancellationRequested)
        {
            trouble = error.Message;
        }

        // Only matters while the grant is pending: it is asked for again, then given up.
        if (link.WasSent) grant.MayBeKnown = true;
        grant.DueTimestamp = DueAfter(grant.Attempts);
        if (grant.Attempts >= _owner.Timings.AttemptsMax) await _owner.AbandonAsync(grant, trouble);
    }

    private long DueAfter(int attempts)
    {
        var delay = _owner.Timings.RetryFirst * Math.Pow(2, Math.Min(attempts - 1, 16));
        if (delay > _owner.Timings.RetryMax) delay = _owner.Timings.RetryMax;
        return _owner.Time.GetTimestamp() + (long)(delay.TotalSeconds * _owner.Time.TimestampFrequency);
    }
}

/// <summary>One thing to do: tell of a grant, send a message, or, without arguments to write, wait.</summary>
internal readonly record struct CallbackWork(Grant? Grant, Nlm4Procedure Procedure, Action<XdrWriter>? Write)
{
    public TimeSpan Wait { get; init; }

    /// <summary>Ends the wait early.</summary>
    public Task? News { get; init; }
}
