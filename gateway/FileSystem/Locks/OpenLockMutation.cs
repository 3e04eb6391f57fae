using Gateway.FileSystem.Opens;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Locks;

/// <summary>
/// Takes a lock for an open. It changes no row, but runs in the sequencer as the locks of the other protocols do: so
/// neither can be granted behind the other's back.
/// </summary>
internal sealed class OpenLockMutation(OpenedContent content, OpenLock wanted, OpenTableOptions options) : Mutation
{
    public override bool FreesSpace => true;

    public FileStatus Status { get; private set; } = FileStatus.Unavailable;

    public override void Execute(MutationContext context)
    {
        if (!NodeRows.TryGet(context, content.Node, out var inode))
        {
            Status = FileStatus.Stale;
            return;
        }

        if ((inode.Flags & InodeFlags.WasLocked) != 0 && StandsAgainst(context))
        {
            Status = FileStatus.LockConflict;
            return;
        }

        lock (content.Sync) Status = Grant();
    }

    private bool StandsAgainst(MutationContext context)
    {
        foreach (var stored in LockRows.ReadLocks(context, content.Node))
        {
            if ((wanted.Exclusive || stored.Lock.Exclusive) && wanted.Overlaps(stored.Lock.Range)) return true;
        }

        return false;
    }

    private FileStatus Grant()
    {
        if (wanted.Owner.IsClosed) return FileStatus.RangeNotLocked;
        if (content.Locks.Conflict(wanted) is not null) return FileStatus.LockConflict;
        if (content.Locks.Count >= options.LocksPerFileMax || content.Locks.CountOf(wanted.Owner) >= options.LocksPerOpenMax)
            return FileStatus.LockLimit;

        content.Locks.Add(wanted);
        return FileStatus.Ok;
    }
}
