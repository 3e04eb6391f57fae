using Gateway.Replication.Rows;

namespace Gateway.FileSystem.Locks;

/// <summary>
/// Would a request wait for ever: for an owner that waits, maybe through others, for the owner that asks?
/// NLM4_DEADLCK of RFC 1813 §6.1.3, EDEADLK of POSIX.
/// </summary>
/// <remarks>
/// As in POSIX, an owner that waits for one lock is taken as unable to give up another. The queues must not change
/// meanwhile, and the snapshot must be younger than that: what still waits cannot have given up what it holds there.
/// </remarks>
internal sealed class LockCycle(IRowReader rows, LockWaiters waiters)
{
    /// <summary>Waiters followed. A longer cycle is not found: its clients can still give up by themselves.</summary>
    public const int FollowedMax = 32;

    /// <param name="request">What would wait.</param>
    /// <param name="ahead">Waiters of the same file that it would stand behind.</param>
    public bool WouldClose(LockRequest request, IEnumerable<LockWaiter> ahead)
    {
        var seen = new HashSet<LockOwner>();
        var open = new Stack<LockOwner>(InTheWay(request, ahead));
        var followed = 0;
        while (open.TryPop(out var owner))
        {
            if (owner.Equals(request.Owner)) return true;
            if (!seen.Add(owner)) continue;

            foreach (var waiter in waiters.WaitingOf(owner))
            {
                if (++followed > FollowedMax) return false;
                foreach (var next in InTheWay(waiter.Request, waiters.AheadOf(waiter))) open.Push(next);
            }
        }

        return false;
    }

    private IEnumerable<LockOwner> InTheWay(LockRequest request, IEnumerable<LockWaiter> ahead)
    {
        var held = LockRows.ReadLocks(rows, request.Node).Select(stored => stored.Lock);
        var wanted = ahead.Select(waiter => waiter.Request);
        return held.Concat(wanted).Where(other => other.ConflictsWith(request)).Select(other => other.Owner).Distinct();
    }
}
