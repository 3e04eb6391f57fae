using System.Diagnostics.CodeAnalysis;

namespace Gateway.Replication;

/// <summary>Work on its way to threads of its own, which sleep while there is none.</summary>
/// <remarks>
/// A poster wakes the thread itself, and the thread sleeps at once. A channel's reader that blocks is woken by way of the
/// thread pool and spins before it sleeps: with three journals on two cores that took a third of the processor's time.
/// Threading: any; one lock, held for a few instructions.
/// </remarks>
/// <param name="capacity">Items that may wait.</param>
internal sealed class WorkQueue<T>(int capacity)
{
    private readonly object _gate = new();
    private readonly Queue<T> _items = new();
    private TaskCompletionSource? _room;
    private int _sleepers;
    private bool _closed;

    /// <summary>False when the queue is full or closed.</summary>
    public bool TryPost(T item)
    {
        lock (_gate)
        {
            if (_closed || _items.Count == capacity) return false;

            Add(item);
            return true;
        }
    }

    /// <summary>Waits for room; false when the queue is closed.</summary>
    public async ValueTask<bool> PostAsync(T item, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        while (true)
        {
            Task room;
            lock (_gate)
            {
                if (_closed) return false;

                if (_items.Count < capacity)
                {
                    Add(item);
                    return true;
                }

                _room ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
                room = _room.Task;
            }

            await room.WaitAsync(cancellation);
        }
    }

    /// <summary>Never blocks.</summary>
    public bool TryTake([MaybeNullWhen(false)] out T item)
    {
        TaskCompletionSource? room;
        lock (_gate)
        {
            if (!_items.TryDequeue(out item)) return false;

            (room, _room) = (_room, null);
        }

        room?.SetResult();
        return true;
    }

    /// <summary>Sleeps until there is something; false when the queue is closed and nothing is left.</summary>
    public bool Wait() => Wait(Timeout.InfiniteTimeSpan);

    /// <summary>Sleeps until there is something, or so long; false when the queue is closed and nothing is left.</summary>
    public bool Wait(TimeSpan longest)
    {
        lock (_gate)
        {
            while (_items.Count == 0 && !_closed)
            {
                _sleepers++;
                var woken = Monitor.Wait(_gate, longest);
                _sleepers--;
                if (!woken) return true;
            }

            return _items.Count > 0;
        }
    }

    /// <summary>Takes nothing more; what waits can still be taken.</summary>
    public void Close()
    {
        TaskCompletionSource? room;
        lock (_gate)
        {
            _closed = true;
            (room, _room) = (_room, null);
            Monitor.PulseAll(_gate);
        }

        room?.SetResult();
    }

    private void Add(T item)
    {
        _items.Enqueue(item);
        if (_sleepers > 0) Monitor.Pulse(_gate);
    }
}
