namespace Gateway.Smb;

/// <summary>Whether somebody still waits for a request. Reused with it; a source is made only for who asks.</summary>
/// <remarks>Threading: any.</remarks>
// Nothing but memory hangs on the source: it has no timer and no handle. Its callbacks may run while the request is reused.
#pragma warning disable CA1001
internal sealed class RequestCancellation
#pragma warning restore CA1001
{
    private readonly Lock _gate = new();
    private CancellationTokenSource? _source;
    private bool _isCancelled;

    public bool IsCancelled
    {
        get
        {
            lock (_gate) return _isCancelled;
        }
    }

    public CancellationToken Token
    {
        get
        {
            lock (_gate)
            {
                if (_source is null)
                {
                    _source = new CancellationTokenSource();
                    if (_isCancelled) _source.Cancel();
                }

                return _source.Token;
            }
        }
    }

    /// <summary>Notes that nobody waits any more; what is returned is to be cancelled outside all locks.</summary>
    public CancellationTokenSource? Mark()
    {
        lock (_gate)
        {
            _isCancelled = true;
            return _source;
        }
    }

    public void Reset()
    {
        lock (_gate)
        {
            _source = null;
            _isCancelled = false;
        }
    }
}
