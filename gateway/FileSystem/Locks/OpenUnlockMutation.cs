using Gateway.FileSystem.Opens;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Locks;

/// <summary>
/// Gives up locks of a persistent open, one after the other until one is not there: what was given up before it stays so
/// (MS-SMB2 3.3.5.14.1). The number of the request is recorded when all went.
/// </summary>
internal sealed class OpenUnlockMutation(Open owner, ulong open, IReadOnlyList<OpenLock> given, LockNumber number) : Mutation
{
    public override bool FreesSpace => true;

    public FileStatus Status { get; private set; } = FileStatus.Unavailable;

    public override void Execute(MutationContext context)
    {
        lock (owner.Content.Sync)
        {
            foreach (var one in given)
            {
                if (!owner.Content.Locks.Remove(owner, one.Offset, one.Length, out var removed))
                {
                    Status = FileStatus.RangeNotLocked;
                    return;
                }

                OpenRows.DeleteLock(context, open, removed.Id);
            }
        }

        Status = FileStatus.Ok;
        if (owner.LockSequences.After(number) is { } sequences) OpenRows.PutSequences(context, open, sequences);
    }
}
