using Gateway.Replication.Journal;

namespace Gateway.Replication.Store;

/// <summary>What waits for the sequencer. One private lock; the sequencer empties it in one step.</summary>
internal sealed class SequencerInbox
{
    private readonly object _gate = new();
    private readonly List<TaskCompletionSource> _roomWaiters = [];
    private List<PendingMutation> _mutations = [];
    private List<JournalEntry> _committed = [];
    private long _unappliedBytes;
    private bool _sleeping;
    private bool _tick;
    private bool _lease;
    private bool _closed;
    private JournalStop? _stop;

    /// <summary>False when the sequencer has stopped.</summary>
    public bool TryPost(PendingMutation mutation)
    {
        lock (_gate)
        {
            if (_closed) return false;
            _mutations.Add(mutation);
            Wake();
            return true;
        }
    }

    public void Post(JournalEntry committed)
    {
        lock (_gate)
        {
            _committed.Add(committed);
            _unappliedBytes += committed.Payload.Length;
            Wake();
        }
    }

    public void PostTick()
    {
        lock (_gate)
        {
            _tick = true;
            Wake();
        }
    }

    public void PostLease()
    {
        lock (_gate)
        {
            _lease = true;
            Wake();
        }
    }

    /// <summary>The first reason counts.</summary>
    public void PostStop(JournalStop reason)
    {
        lock (_gate)
        {
            _stop ??= reason;
            Wake();
        }
    }

    /// <summary>Takes everything; waits for something first when asked to.</summary>
    public void Take(bool wait, SequencerTurn turn)
    {
        turn.Clear();
        lock (_gate)
        {
            while (wait && IsEmpty)
            {
                _sleeping = true;
                Monitor.Wait(_gate);
            }

            _sleeping = false;
            (turn.Mutations, _mutations) = (_mutations, turn.Mutations);
            (turn.Committed, _committed) = (_committed, turn.Committed);
            turn.Tick = _tick;
            turn.Lease = _lease;
            turn.Stop = _stop;
            _tick = false;
            _lease = false;
        }
    }

    /// <summary>Committed entries of this size have been applied.</summary>
    public void Applied(long bytes, long bytesMax)
    {
        List<TaskCompletionSource>? ready = null;
        lock (_gate)
        {
            _unappliedBytes -= bytes;
            if (_unappliedBytes < bytesMax && _roomWaiters.Count > 0)
            {
                ready = [.. _roomWaiters];
                _roomWaiters.Clear();
            }
        }

        foreach (var waiter in ready ?? []) waiter.TrySetResult();
    }

    public Task WaitForRoomAsync(long bytesMax)
    {
        lock (_gate)
        {
            if (_closed || _unappliedBytes < bytesMax) return Task.CompletedTask;
            var waiter = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            _roomWaiters.Add(waiter);
            return waiter.Task;
        }
    }

    /// <summary>Refuses mutations from now on and hands out the last ones.</summary>
    public void Close(SequencerTurn turn)
    {
        lock (_gate) _closed = true;
        Take(wait: false, turn);
        Applied(long.MaxValue / 2, long.MaxValue);
    }

    private bool IsEmpty => _mutations.Count == 0 && _committed.Count == 0 && !_tick && !_lease && _stop is null;

    private void Wake()
    {
        if (_sleeping) Monitor.Pulse(_gate);
    }
}

/// <summary>What the sequencer took from its inbox at once.</summary>
internal sealed class SequencerTurn
{
    public List<PendingMutation> Mutations { get; set; } = [];

    public List<JournalEntry> Committed { get; set; } = [];

    public bool Tick { get; set; }

    public bool Lease { get; set; }

    public JournalStop? Stop { get; set; }

    public void Clear()
    {
        Mutations.Clear();
        Committed.Clear();
    }
}
