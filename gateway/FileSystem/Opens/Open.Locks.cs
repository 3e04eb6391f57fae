using Gateway.FileSystem.Locks;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Opens;

public sealed partial class Open
{
    private long _lockIds;

    /// <summary>Which of its numbered lock requests were carried out.</summary>
    public LockSequences LockSequences { get; } = new();

    /// <summary>Locks it may hold.</summary>
    internal int LocksMax => IsPersistent ? OpenRows.LocksPerOpenMax : Content.Table.Options.LocksPerOpenMax;

    /// <summary>
    /// Locks a range (MS-FSA 2.1.5.8). LockConflict when it is not free and <paramref name="wait"/> is not set;
    /// RangeNotLocked when the open ended meanwhile, Cancelled when the waiting was given up.
    /// </summary>
    /// <param name="pending">Called once, before it waits.</param>
    /// <param name="number">Recorded with the lock of a persistent open.</param>
    public async ValueTask<FileStatus> LockAsync(
        ulong offset, ulong length, bool exclusive, bool wait, Action? pending = null, LockNumber number = default,
        CancellationToken cancellation = default)
    {
        if (!IsLockable(offset, length)) return FileStatus.InvalidLockRange;

        await BreakReadersAsync();
        var wanted = new[] { NewLock(offset, length, exclusive) };
        var status = await TryLockAsync(wanted, number);
        if (status != FileStatus.LockConflict || !wait) return status;

        pending?.Invoke();
        return await WaitAndLockAsync(wanted, number, cancellation);
    }

    /// <summary>Locks ranges, all or none; LockConflict when one is not free.</summary>
    /// <param name="ranges">In the order they are taken.</param>
    /// <param name="number">Recorded with the locks of a persistent open.</param>
    public async ValueTask<FileStatus> LockAllAsync(
        IReadOnlyList<(ulong Offset, ulong Length, bool Exclusive)> ranges, LockNumber number = default)
    {
        if (!ranges.All(range => IsLockable(range.Offset, range.Length))) return FileStatus.InvalidLockRange;

        await BreakReadersAsync();
        return await TryLockAsync([.. ranges.Select(range => NewLock(range.Offset, range.Length, range.Exclusive))], number);
    }

    /// <summary>
    /// Gives up one lock of just each range, in order until there is none: then RangeNotLocked, and what went before it is
    /// free.
    /// </summary>
    /// <param name="ranges">At least one.</param>
    /// <param name="number">Recorded when all locks of a persistent open went.</param>
    public async ValueTask<FileStatus> UnlockAsync(
        IReadOnlyList<(ulong Offset, ulong Length)> ranges, LockNumber number = default)
    {
        var status = FileStatus.Ok;
        if (Persistent is { } persistent)
        {
            var mutation = new OpenUnlockMutation(
                this, persistent.Id, [.. ranges.Select(range => new OpenLock(this, range.Offset, range.Length, false))], number);
            var outcome = await Tree.ExecuteAsync(mutation);
            status = outcome == StoreOutcome.Ok ? mutation.Status : FileTree.StatusOf(outcome);
        }
        else
        {
            for (var index = 0; index < ranges.Count && status == FileStatus.Ok; index++)
                status = Release(ranges[index].Offset, ranges[index].Length);
        }

        Tree.Locks.Wake(Node.Inode);
        return status;
    }

    /// <summary>
    /// True when a range cannot be locked because of NFS or of an open that <paramref name="counts"/>. A look, without
    /// consequence: it may have changed when it is told.
    /// </summary>
    public bool IsLocked(ulong offset, ulong length, bool exclusive, Predicate<Open> counts)
    {
        lock (Content.Sync)
        {
            if (Content.Locks.Conflicts(new OpenLock(this, offset, length, exclusive), counts)) return true;
        }

        return Tree.Locks.Nodes.Blocks(Node, (long)offset, (long)Math.Max(1, length), exclusive);
    }

    private static bool IsLockable(ulong offset, ulong length) => length == 0 || offset <= ulong.MaxValue - (length - 1);

    private OpenLock NewLock(ulong offset, ulong length, bool exclusive) =>
        new(this, offset, length, exclusive) { Id = IsPersistent ? (ulong)Interlocked.Increment(ref _lockIds) : 0 };

    private FileStatus Release(ulong offset, ulong length)
    {
        lock (Content.Sync)
            return Content.Locks.Remove(this, offset, length, out _) ? FileStatus.Ok : FileStatus.RangeNotLocked;
    }

    private async ValueTask<FileStatus> WaitAndLockAsync(
        OpenLock[] wanted, LockNumber number, CancellationToken cancellation)
    {
        for (; ; )
        {
            Task freed;
            lock (Content.Sync) freed = Content.Locks.WhenFreed();

            // What was given up before this waited woke nobody.
            var status = await TryLockAsync(wanted, number);
            if (status != FileStatus.LockConflict) return status;
            try
            {
                await freed.WaitAsync(cancellation);
            }
            catch (OperationCanceledException)
            {
                return FileStatus.Cancelled;
            }
        }
    }

    private async ValueTask<FileStatus> TryLockAsync(OpenLock[] wanted, LockNumber number)
    {
        var mutation = new OpenLockMutation(this, wanted, number);
        var outcome = await Tree.ExecuteAsync(mutation);
        if (outcome == StoreOutcome.Ok) return mutation.Status;

        // Not to be held without an answer that says so.
        if (mutation.Status == FileStatus.Ok)
        {
            foreach (var one in wanted) Release(one.Offset, one.Length);
            Tree.Locks.Wake(Node.Inode);
        }

        return FileTree.StatusOf(outcome);
    }
}
