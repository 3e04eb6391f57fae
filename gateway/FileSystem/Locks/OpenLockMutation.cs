using Gateway.FileSystem.Opens;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Locks;

/// <summary>
/// Takes locks for an open, all or none. It runs in the sequencer as the locks of the other protocols do: so neither can
/// be granted behind the other's back. Locks of a persistent open become rows in it, with the number of the request.
/// </summary>
internal sealed class OpenLockMutation(Open owner, IReadOnlyList<OpenLock> wanted, LockNumber number) : Mutation
{
    public override bool FreesSpace => true;

    public FileStatus Status { get; private set; } = FileStatus.Unavailable;

    private OpenedContent Content => owner.Content;

    public override void Execute(MutationContext context)
    {
        if (!NodeRows.TryGet(context, Content.Node, out var inode))
        {
            Status = FileStatus.Stale;
            return;
        }

        if ((inode.Flags & InodeFlags.WasLocked) != 0 && StandsAgainst(context))
        {
            Status = FileStatus.LockConflict;
            return;
        }

        lock (Content.Sync)
        {
            Status = GrantAll();
            if (Status == FileStatus.Ok && owner.Persistent is { } persistent) Record(context, persistent.Id);
        }
    }

    private bool StandsAgainst(MutationContext context)
    {
        foreach (var stored in LockRows.ReadLocks(context, Content.Node))
        {
            foreach (var one in wanted)
            {
                if ((one.Exclusive || stored.Lock.Exclusive) && one.Overlaps(stored.Lock.Range)) return true;
            }
        }

        return false;
    }

    private FileStatus GrantAll()
    {
        for (var index = 0; index < wanted.Count; index++)
        {
            var status = Grant(wanted[index]);
            if (status == FileStatus.Ok) continue;

            for (var taken = index - 1; taken >= 0; taken--) Content.Locks.Remove(wanted[taken]);
            return status;
        }

        return FileStatus.Ok;
    }

    private FileStatus Grant(in OpenLock one)
    {
        if (owner.IsClosed) return FileStatus.RangeNotLocked;
        if (Content.Locks.Conflict(one) is not null) return FileStatus.LockConflict;
        if (Content.Locks.Count >= Content.Table.Options.LocksPerFileMax || Content.Locks.CountOf(owner) >= owner.LocksMax)
            return FileStatus.LockLimit;

        Content.Locks.Add(one);
        return FileStatus.Ok;
    }

    private void Record(MutationContext context, ulong open)
    {
        foreach (var one in wanted) OpenRows.PutLock(context, open, one.Id, one.Offset, one.Length, one.Exclusive);
        if (owner.LockSequences.After(number) is { } sequences) OpenRows.PutSequences(context, open, sequences);
    }
}
