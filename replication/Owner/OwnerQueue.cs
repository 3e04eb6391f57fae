namespace Gateway.Replication.Owner;

/// <summary>
/// Events stepped one after another, by whichever thread posts while nobody steps: an answer that commits an entry
/// costs no hop to another thread.
/// </summary>
/// <remarks>Any thread posts, also from within a step. The step must not throw.</remarks>
internal sealed class OwnerQueue(Action<OwnerEvent> step)
{
    /// <summary>
    /// Replies and ticks beyond this are dropped: they are asked for again. The store bounds its appends.
    /// </summary>
    public const int EventsMax = 8192;

    private readonly Lock _gate = new();
    private readonly Queue<OwnerEvent> _events = new();
    private bool _stepping;

    public void Post(OwnerEvent posted)
    {
        lock (_gate)
        {
            if (_events.Count >= EventsMax && posted.Kind is OwnerEventKind.Reply or OwnerEventKind.Wake) return;
            _events.Enqueue(posted);
            if (_stepping) return;
            _stepping = true;
        }

        while (TryTake(out var next)) step(next);
    }

    private bool TryTake(out OwnerEvent next)
    {
        lock (_gate)
        {
            if (_events.TryDequeue(out next)) return true;
            _stepping = false;
            return false;
        }
    }
}
