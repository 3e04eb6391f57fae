using Gateway.Replication.Rows;

namespace Gateway.FileSystem.Locks;

/// <summary>
/// Requests that wait for a lock, per file in order of arrival. In memory only: clients ask again. Thread-safe.
/// </summary>
/// <remarks>
/// A request does not pass an earlier one that it conflicts with, or exclusive requests would never have their turn.
/// Except where standing in line is all that would make it wait for ever: an owner that holds what the earlier one
/// waits for, and asks for more, overtakes it.
/// </remarks>
internal sealed class LockWaiters
{
    public const int WaitersPerFileMax = 1024;

    public const int WaitersMax = 1 << 16;

    private readonly Lock _sync = new();
    private readonly Dictionary<ulong, List<LockWaiter>> _byInode = [];
    private readonly Dictionary<LockOwner, List<LockWaiter>> _byOwner = [];
    private readonly HashSet<ulong> _waking = [];
    private readonly HashSet<ulong> _again = [];
    private int _count;

    public int Count
    {
        get
        {
            lock (_sync) return _count;
        }
    }

    /// <summary>
    /// Queues a request; a repeated one keeps its place. Null with LockLimit when a limit is reached, or with Deadlock
    /// when it would wait for ever.
    /// </summary>
    public LockWaiter? Add(
        LockRequest request, Action<LockRequest> granted, Func<IRowSnapshot> openSnapshot, out FileStatus status)
    {
        lock (_sync)
        {
            status = FileStatus.LockWaiting;
            var waiters = _byInode.GetValueOrDefault(request.Node.Inode, []);
            foreach (var present in waiters)
            {
                if (present.Request != request) continue;
                present.Granted = granted;
                return present;
            }

            var stance = StanceOf(request, waiters, openSnapshot);
            if (stance == Stance.Deadlocked) status = FileStatus.Deadlock;
            else if (waiters.Count >= WaitersPerFileMax || _count >= WaitersMax) status = FileStatus.LockLimit;
            if (status != FileStatus.LockWaiting) return null;

            var added = new LockWaiter(request) { Granted = granted, Overtakes = stance == Stance.Overtakes };
            Enqueue(waiters, added);
            return added;
        }
    }

    /// <summary>
    /// True when an earlier waiter wants something that conflicts: the request must queue behind it.
    /// </summary>
    public bool MustQueue(LockRequest request, Func<IRowSnapshot> openSnapshot)
    {
        lock (_sync)
        {
            return _byInode.TryGetValue(request.Node.Inode, out var waiters)
                && waiters.Exists(waiter => waiter.Request.ConflictsWith(request))
                && StanceOf(request, waiters, openSnapshot) == Stance.InLine;
        }
    }

    /// <summary>Everything an owner waits for, on any file. For use while the queues stand still.</summary>
    internal IReadOnlyList<LockWaiter> WaitingOf(LockOwner owner) => _byOwner.GetValueOrDefault(owner, []);

    /// <summary>Those of its file that a waiter does not pass. For use while the queues stand still.</summary>
    internal IEnumerable<LockWaiter> AheadOf(LockWaiter waiter) =>
        waiter.Overtakes ? [] : _byInode[waiter.Request.Node.Inode].TakeWhile(other => other != waiter);

    public bool Remove(LockRequest request)
    {
        lock (_sync)
        {
            if (!_byInode.TryGetValue(request.Node.Inode, out var waiters)) return false;
            var index = waiters.FindIndex(waiter => waiter.Request == request);
            if (index < 0) return false;
            RemoveAt(request.Node.Inode, waiters, index);
            return true;
        }
    }

    public void RemoveOfClient(ReadOnlySpan<byte> client)
    {
        lock (_sync)
        {
            foreach (var inode in _byInode.Keys.ToArray())
            {
                var waiters = _byInode[inode];
                for (var i = waiters.Count - 1; i >= 0; i--)
                {
                    if (waiters[i].Request.Owner.Client.SequenceEqual(client)) RemoveAt(inode, waiters, i);
                }
            }
        }
    }

    /// <summary>
    /// The waiters to try now, in order, leaving out those behind a waiter they conflict with; empty when there are
    /// none.
    /// </summary>
    public List<LockWaiter> Candidates(ulong inode)
    {
        lock (_sync)
        {
            var candidates = new List<LockWaiter>();
            if (!_byInode.TryGetValue(inode, out var waiters)) return candidates;
            for (var i = 0; i < waiters.Count; i++)
            {
                var request = waiters[i].Request;
                var passes = waiters[i].Overtakes
                    || !waiters.Take(i).Any(earlier => earlier.Request.ConflictsWith(request));
                if (passes) candidates.Add(waiters[i]);
            }

            return candidates;
        }
    }

    /// <summary>
    /// The lock is held. True when its owner waits to be called; false when it was cancelled meanwhile.
    /// </summary>
    public GrantOutcome Grant(LockWaiter waiter)
    {
        lock (_sync)
        {
            var inode = waiter.Request.Node.Inode;
            if (!_byInode.TryGetValue(inode, out var waiters)) return GrantOutcome.Cancelled;
            var index = waiters.IndexOf(waiter);
            if (index < 0) return GrantOutcome.Cancelled;
            RemoveAt(inode, waiters, index);
            waiter.IsGranted = true;
            return waiter.IsAnnounced ? GrantOutcome.Announce : GrantOutcome.Silent;
        }
    }

    /// <summary>True when the waiter is to be told later; false when it holds its lock already.</summary>
    public bool Announce(LockWaiter waiter)
    {
        lock (_sync)
        {
            waiter.IsAnnounced = true;
            return !waiter.IsGranted;
        }
    }

    /// <summary>One at a time wakes a file's waiters; who comes meanwhile makes it go round again.</summary>
    public bool TryBeginWaking(ulong inode)
    {
        lock (_sync)
        {
            if (_waking.Add(inode)) return true;
            _again.Add(inode);
            return false;
        }
    }

    /// <summary>False when it must go round again.</summary>
    public bool TryEndWaking(ulong inode)
    {
        lock (_sync)
        {
            if (_again.Remove(inode)) return false;
            _waking.Remove(inode);
            return true;
        }
    }

    // The queues stand still here, and the snapshot is opened after they do.
    private Stance StanceOf(LockRequest request, List<LockWaiter> waiters, Func<IRowSnapshot> openSnapshot)
    {
        using var rows = openSnapshot();
        var cycle = new LockCycle(rows, this);
        if (!cycle.WouldClose(request, waiters)) return Stance.InLine;
        return cycle.WouldClose(request, []) ? Stance.Deadlocked : Stance.Overtakes;
    }

    private void Enqueue(List<LockWaiter> waiters, LockWaiter added)
    {
        waiters.Add(added);
        _byInode[added.Request.Node.Inode] = waiters;
        if (!_byOwner.TryGetValue(added.Request.Owner, out var ofOwner))
            _byOwner[added.Request.Owner] = ofOwner = [];
        ofOwner.Add(added);
        _count++;
    }

    private void RemoveAt(ulong inode, List<LockWaiter> waiters, int index)
    {
        var owner = waiters[index].Request.Owner;
        var ofOwner = _byOwner[owner];
        ofOwner.Remove(waiters[index]);
        if (ofOwner.Count == 0) _byOwner.Remove(owner);
        waiters.RemoveAt(index);
        _count--;
        if (waiters.Count == 0) _byInode.Remove(inode);
    }

    private enum Stance
    {
        InLine,
        Overtakes,
        Deadlocked,
    }
}

internal sealed class LockWaiter(LockRequest request)
{
    public LockRequest Request => request;

    public required Action<LockRequest> Granted { get; set; }

    /// <summary>Waits for holders only, not for earlier waiters.</summary>
    public bool Overtakes { get; init; }

    public bool IsGranted { get; set; }

    public bool IsAnnounced { get; set; }
}

internal enum GrantOutcome
{
    Cancelled,
    Silent,
    Announce,
}
