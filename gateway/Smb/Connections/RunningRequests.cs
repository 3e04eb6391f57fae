namespace Gateway.Smb.Connections;

/// <summary>The requests of a connection that are being carried out, for CANCEL and for the end of the connection.</summary>
/// <remarks>Threading: any. Callbacks of a cancellation run outside the gate.</remarks>
internal sealed class RunningRequests
{
    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, SmbRequest> _pending = [];
    private SmbRequest? _first;
    private ulong _lastAsyncId;
    private bool _isCancelled;

    public int PendingCount
    {
        get
        {
            lock (_gate) return _pending.Count;
        }
    }

    public void Add(SmbRequest request)
    {
        var cancelled = false;
        lock (_gate)
        {
            request.NextRunning = _first;
            if (_first is not null) _first.PreviousRunning = request;
            _first = request;
            request.IsRunning = true;
            cancelled = _isCancelled;
        }

        if (cancelled) request.Cancellation.Mark()?.Cancel();
    }

    public void Remove(SmbRequest request)
    {
        lock (_gate)
        {
            if (!request.IsRunning) return;

            request.IsRunning = false;
            if (request.PreviousRunning is not null)
                request.PreviousRunning.NextRunning = request.NextRunning;
            else
                _first = request.NextRunning;
            if (request.NextRunning is not null) request.NextRunning.PreviousRunning = request.PreviousRunning;
            request.PreviousRunning = request.NextRunning = null;
            if (request.IsPending) _pending.Remove(request.AsyncId);
        }
    }

    /// <summary>An id for the request, by which CANCEL finds it; 0 when too many are pending.</summary>
    public ulong BeginPending(SmbRequest request)
    {
        lock (_gate)
        {
            if (_pending.Count >= SmbLimits.PendingRequestsMax) return 0;

            _pending.Add(++_lastAsyncId, request);
            return _lastAsyncId;
        }
    }

    public void EndPending(ulong asyncId)
    {
        lock (_gate) _pending.Remove(asyncId);
    }

    /// <summary>Cancels the request that CANCEL names; one that has ended is not missed.</summary>
    public void CancelPending(ulong asyncId)
    {
        CancellationTokenSource? cancellation = null;
        lock (_gate)
        {
            if (_pending.TryGetValue(asyncId, out var request)) cancellation = request.Cancellation.Mark();
        }

        cancellation?.Cancel();
    }

    /// <summary>The same for a request that has not been answered with STATUS_PENDING yet.</summary>
    public void CancelMessage(ulong messageId)
    {
        CancellationTokenSource? cancellation = null;
        lock (_gate)
        {
            for (var request = _first; request is not null; request = request.NextRunning)
            {
                if (request.Header.MessageId != messageId) continue;

                cancellation = request.Cancellation.Mark();
                break;
            }
        }

        cancellation?.Cancel();
    }

    /// <summary>Cancels all but those that outlive the connection, and those that are still added.</summary>
    public void CancelAll()
    {
        List<CancellationTokenSource> cancellations = [];
        lock (_gate)
        {
            _isCancelled = true;
            for (var request = _first; request is not null; request = request.NextRunning)
            {
                if (!request.OutlivesConnection && request.Cancellation.Mark() is { } cancellation) cancellations.Add(cancellation);
            }
        }

        foreach (var cancellation in cancellations) cancellation.Cancel();
    }
}
