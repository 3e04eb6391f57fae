using Gateway.FileSystem.Notices;

namespace Gateway.FileSystem.Watches;

/// <summary>
/// The changes below one directory for one open of it: CHANGE_NOTIFY of MS-SMB2 3.3.5.19, MS-FSA 2.1.5.10. Starts with
/// the first request and keeps what happens between requests, up to the size that one asked for.
/// </summary>
/// <remarks>Thread-safe. Requests are answered in their order, each with all that gathered.</remarks>
public sealed class Watch : IDisposable
{
    /// <summary>Requests that wait at the same time.</summary>
    public const int RequestsMax = 512;

    /// <summary>Events that are kept, whatever their size.</summary>
    public const int EventsMax = 1024;

    private readonly Lock _sync = new();
    private readonly LinkedList<Request> _requests = [];
    private readonly WatchTable _table;
    private readonly int _bytesMax;
    private List<WatchEvent> _events = [];
    private int _bytes;
    private bool _overflown;
    private WatchOutcome _end = WatchOutcome.Changed;

    internal Watch(WatchTable table, NodeId directory, ChangedParts filter, bool subtree, int bytesMax)
    {
        _table = table;
        Directory = directory;
        Filter = filter;
        Subtree = subtree;
        _bytesMax = bytesMax;
    }

    public NodeId Directory { get; }

    public ChangedParts Filter { get; }

    public bool Subtree { get; }

    /// <summary>What happened since the last request, or the next thing that happens.</summary>
    /// <param name="bytesMax">What the answer may take as <see cref="WatchEvent.Bytes"/>; Overflow beyond.</param>
    /// <param name="pending">Called before it waits, under no lock.</param>
    public async ValueTask<WatchResult> NextAsync(
        int bytesMax, Action? pending = null, CancellationToken cancellation = default)
    {
        var request = new Request(bytesMax);
        lock (_sync)
        {
            if (_end != WatchOutcome.Changed) return new WatchResult(_end, []);
            if (_requests.Count >= RequestsMax) return new WatchResult(WatchOutcome.TooMany, []);
            if (_requests.Count == 0 && (_events.Count > 0 || _overflown)) return Take(bytesMax);
            _requests.AddLast(request);
        }

        pending?.Invoke();
        using var registered = cancellation.UnsafeRegister(_ => Cancel(request), null);
        return await request.Answer.Task;
    }

    /// <summary>Ends the watch; requests that wait get Closed.</summary>
    public void Dispose()
    {
        _table.Remove(this);
        End(WatchOutcome.Closed);
    }

    /// <summary>The first half of a rename waits for the second one.</summary>
    internal void Add(in WatchEvent happened)
    {
        Request? answered;
        WatchResult result;
        lock (_sync)
        {
            if (_end != WatchOutcome.Changed) return;
            Keep(happened);
            if (happened.Action == WatchAction.RenamedOldName || _requests.First is not { } first) return;
            _requests.RemoveFirst();
            answered = first.Value;
            result = Take(answered.BytesMax);
        }

        answered.Answer.TrySetResult(result);
    }

    internal void End(WatchOutcome outcome)
    {
        Request[] ended;
        lock (_sync)
        {
            if (_end != WatchOutcome.Changed) return;
            _end = outcome;
            ended = [.. _requests];
            _requests.Clear();
            _events = [];
        }

        foreach (var request in ended) request.Answer.TrySetResult(new WatchResult(outcome, []));
    }

    private void Keep(in WatchEvent happened)
    {
        if (_overflown || (_events.Count > 0 && _events[^1].IsSameAs(happened))) return;

        _bytes += happened.Bytes;
        _overflown = _bytes > _bytesMax || _events.Count >= EventsMax;
        if (_overflown) _events = [];
        else _events.Add(happened);
    }

    private WatchResult Take(int bytesMax)
    {
        var fits = !_overflown && _bytes <= bytesMax;
        var result = fits ? new WatchResult(WatchOutcome.Changed, _events) : new WatchResult(WatchOutcome.Overflow, []);
        _events = [];
        _bytes = 0;
        _overflown = false;
        return result;
    }

    private void Cancel(Request request)
    {
        lock (_sync)
        {
            if (!_requests.Remove(request)) return;
        }

        request.Answer.TrySetResult(new WatchResult(WatchOutcome.Cancelled, []));
    }

    private sealed record Request(int BytesMax)
    {
        public TaskCompletionSource<WatchResult> Answer { get; } =
            new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
