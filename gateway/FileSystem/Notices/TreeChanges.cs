namespace Gateway.FileSystem.Notices;

/// <summary>
/// Tells listeners what changed in a tree. A change is described inside its mutation, where it also gets its place in
/// the order, and told when the mutation is durable. With nobody listening it costs a comparison.
/// </summary>
/// <remarks>
/// Thread-safe. One thread at a time tells; what others bring meanwhile waits for it, so a change may be told a moment
/// after its operation was answered.
/// </remarks>
public sealed class TreeChanges
{
    private readonly Lock _sync = new();
    private readonly SortedDictionary<ulong, IReadOnlyList<TreeChange>> _waiting = [];
    private readonly Queue<TreeChange> _due = [];
    private volatile TreeListener[] _listeners = [];
    private ulong _issued;
    private ulong _told;
    private bool _telling;

    internal bool IsWanted
    {
        get
        {
            foreach (var listener in _listeners)
            {
                if (listener.IsListening) return true;
            }

            return false;
        }
    }

    public void Add(TreeListener listener)
    {
        lock (_sync) _listeners = [.. _listeners, listener];
    }

    public void Remove(TreeListener listener)
    {
        lock (_sync) _listeners = Array.FindAll(_listeners, other => other != listener);
    }

    /// <summary>Takes the next place in the order. It must be given back by <see cref="Tell(ulong, IReadOnlyList{TreeChange})"/>.</summary>
    internal ulong TakePlace()
    {
        lock (_sync) return ++_issued;
    }

    /// <summary>Tells what happened at a place; nothing when the change failed.</summary>
    internal void Tell(ulong place, IReadOnlyList<TreeChange> changes)
    {
        lock (_sync)
        {
            _waiting.Add(place, changes);
            while (_waiting.Remove(_told + 1, out var next))
            {
                _told++;
                foreach (var change in next) _due.Enqueue(change);
            }

            if (_telling) return;
            _telling = true;
        }

        TellAllDue();
    }

    /// <summary>Tells what has no place in the order of mutations.</summary>
    internal void Tell(TreeChange change)
    {
        lock (_sync)
        {
            _due.Enqueue(change);
            if (_telling) return;
            _telling = true;
        }

        TellAllDue();
    }

    private void TellAllDue()
    {
        for (; ; )
        {
            TreeChange? change;
            lock (_sync)
            {
                if (!_due.TryDequeue(out change))
                {
                    _telling = false;
                    return;
                }
            }

            foreach (var listener in _listeners) listener.OnChange(change);
        }
    }
}
