namespace Gateway.Linearizability;

/// <summary>
/// The calls and returns of a history in the order of their times, as a linked list from which an operation can be
/// taken and put back. Unknown returns stand at the end and never come.
/// </summary>
internal sealed class EventList<TRequest, TResult>
{
    private readonly int[] _next;
    private readonly int[] _previous;
    private readonly int[] _operation;
    private readonly int[] _return;

    public EventList(IReadOnlyList<Operation<TRequest, TResult>> history)
    {
        var events = new List<(long Time, bool IsReturn, int Id)>(2 * history.Count);
        for (var id = 0; id < history.Count; id++)
        {
            events.Add((history[id].Call, false, id));
            events.Add((history[id].Return, true, id));
        }

        // At equal times calls come first: the operations overlap.
        events.Sort();
        var count = events.Count + 1;
        (_next, _previous, _operation, _return) = (new int[count], new int[count], new int[count], new int[count]);
        var calls = new int[history.Count];
        for (var at = 0; at < count; at++)
        {
            _next[at] = at + 1 < count ? at + 1 : End;
            _previous[at] = at - 1;
            if (at == 0) continue;

            var (_, isReturn, id) = events[at - 1];
            _operation[at] = id;
            if (isReturn) _return[calls[id]] = at;
            else calls[id] = at;
        }
    }

    private const int End = -1;

    public int First => _next[0];

    public int Next(int at) => _next[at];

    public int OperationOf(int at) => _operation[at];

    public bool IsCall(int at) => at != End && _return[at] != 0;

    public void Remove(int call)
    {
        Unlink(call);
        Unlink(_return[call]);
    }

    /// <summary>Undoes the last <see cref="Remove"/> that was not undone yet.</summary>
    public void Restore(int call)
    {
        Link(_return[call]);
        Link(call);
    }

    private void Unlink(int at)
    {
        _next[_previous[at]] = _next[at];
        if (_next[at] != End) _previous[_next[at]] = _previous[at];
    }

    private void Link(int at)
    {
        _next[_previous[at]] = at;
        if (_next[at] != End) _previous[_next[at]] = at;
    }
}
