namespace Gateway.FileSystem.Locks;

/// <summary>
/// Requests that wait for a lock, per file in order of arrival. In memory only: clients ask again. Thread-safe.
/// </summary>
internal sealed class LockWaiters
{
    public const int WaitersPerFileMax = 1024;

    public const int WaitersMax = 1 << 16;

    private readonly Lock _sync = new();
    private readonly Dictionary<ulong, List<LockWaiter>> _byInode = [];
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

    /// <summary>Queues a request; a repeated one keeps its place. Null when a limit is reached.</summary>
    public LockWaiter? Add(LockRequest request, Action<LockRequest> granted)
    {
        lock (_sync)
        {
            if (!_byInode.TryGetValue(request.Node.Inode, out var waiters))
                _byInode[request.Node.Inode] = waiters = [];
            foreach (var present in waiters)
            {
                if (present.Request != request) continue;
                present.Granted = granted;
                return present;
            }

            if (waiters.Count >= WaitersPerFileMax || _count >= WaitersMax) return null;

            var added = new LockWaiter(request) { Granted = granted };
            waiters.Add(added);
            _count++;
            return added;
        }
    }

    /// <summary>True when an earlier waiter wants something that conflicts: the request must queue behind it.</summary>
    public bool MustQueue(LockRequest request)
    {
        lock (_sync)
        {
            return _byInode.TryGetValue(request.Node.Inode, out var waiters)
                && waiters.Exists(waiter => waiter.Request.ConflictsWith(request));
        }
    }

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
                if (!waiters.Take(i).Any(earlier => earlier.Request.ConflictsWith(request))) candidates.Add(waiters[i]);
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

    private void RemoveAt(ulong inode, List<LockWaiter> waiters, int index)
    {
        waiters.RemoveAt(index);
        _count--;
        if (waiters.Count == 0) _byInode.Remove(inode);
    }
}

internal sealed class LockWaiter(LockRequest request)
{
    public LockRequest Request => request;

    public required Action<LockRequest> Granted { get; set; }

    public bool IsGranted { get; set; }

    public bool IsAnnounced { get; set; }
}

internal enum GrantOutcome
{
    Cancelled,
    Silent,
    Announce,
}
