using Gateway.FileSystem.Locks;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Opens;

public sealed partial class Open
{
    /// <summary>
    /// Locks a range (MS-FSA 2.1.5.8). LockConflict when it is not free and <paramref name="wait"/> is not set;
    /// RangeNotLocked when the open ended meanwhile, Cancelled when the waiting was given up.
    /// </summary>
    /// <param name="pending">Called once, before it waits.</param>
    public async ValueTask<FileStatus> LockAsync(
        ulong offset, ulong length, bool exclusive, bool wait, Action? pending = null,
        CancellationToken cancellation = default)
    {
        if (length != 0 && offset > ulong.MaxValue - (length - 1)) return FileStatus.InvalidLockRange;

        BreakReaders();
        var wanted = new OpenLock(this, offset, length, exclusive);
        var status = await TryLockAsync(wanted);
        if (status != FileStatus.LockConflict || !wait) return status;

        pending?.Invoke();
        return await WaitAndLockAsync(wanted, cancellation);
    }

    /// <summary>Gives up one lock of just this range; RangeNotLocked when the open has none.</summary>
    public FileStatus Unlock(ulong offset, ulong length)
    {
        lock (Content.Sync)
        {
            if (!Content.Locks.Remove(this, offset, length)) return FileStatus.RangeNotLocked;
        }

        Tree.Locks.Wake(Node.Inode);
        return FileStatus.Ok;
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

    private async ValueTask<FileStatus> WaitAndLockAsync(OpenLock wanted, CancellationToken cancellation)
    {
        for (; ; )
        {
            Task freed;
            lock (Content.Sync) freed = Content.Locks.WhenFreed();

            // What was given up before this waited woke nobody.
            var status = await TryLockAsync(wanted);
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

    private async ValueTask<FileStatus> TryLockAsync(OpenLock wanted)
    {
        var mutation = new OpenLockMutation(Content, wanted, Content.Table.Options);
        var outcome = await Tree.ExecuteAsync(mutation);
        if (outcome == StoreOutcome.Ok) return mutation.Status;

        // Not to be held without an answer that says so.
        if (mutation.Status == FileStatus.Ok) Unlock(wanted.Offset, wanted.Length);
        return FileTree.StatusOf(outcome);
    }
}
