using Gateway.FileSystem.Tables;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Locks;

/// <summary>
/// Takes or gives up a range by POSIX's rules: one owner's locks never overlap each other, neighbours of a kind are one
/// lock, another kind replaces what it covers.
/// </summary>
internal sealed class LockMutation(LockRequest request, bool unlocks, ByteRangeLocks locks) : Mutation
{
    public override bool FreesSpace => unlocks;

    public LockResult Result { get; private set; }

    public override void Execute(MutationContext context)
    {
        if (!NodeRows.TryGet(context, request.Node, out var inode))
        {
            Result = new LockResult(FileStatus.Stale, null);
            return;
        }

        if (!inode.IsFile)
        {
            Result = new LockResult(inode.IsDirectory ? FileStatus.IsDirectory : FileStatus.InvalidArgument, null);
            return;
        }

        var held = LockRows.ReadLocks(context, request.Node);
        if (!unlocks && (Conflict(held, request) ?? locks.ConflictWithOpens(request)) is { } conflict)
        {
            Result = new LockResult(FileStatus.LockConflict, conflict);
            return;
        }

        Result = new LockResult(Change(context, held), null);
        if (Result.Status != FileStatus.Ok || unlocks) return;
        LockRows.Mark(context, request.Node.Inode, ref inode);
        locks.Nodes.NoteLocked(request.Node.Inode);
    }

    public static LockRequest? Conflict(List<StoredLock> held, LockRequest request)
    {
        foreach (var other in held)
        {
            if (other.Lock.ConflictsWith(request)) return other.Lock;
        }

        return null;
    }

    private FileStatus Change(MutationContext context, List<StoredLock> held)
    {
        var removed = new List<StoredLock>();
        var added = new List<LockRequest>();
        var range = request.Range;
        foreach (var own in held)
        {
            if (!own.Lock.Owner.Equals(request.Owner)) continue;

            var merges = !unlocks && own.Lock.Exclusive == request.Exclusive;
            if (merges && Contains(own.Lock.Range, request.Range)) return FileStatus.Ok;
            if (merges ? !Touches(own.Lock.Range, request.Range) : !own.Lock.Range.Overlaps(request.Range)) continue;

            removed.Add(own);
            if (merges)
            {
                range = new LockRange(
                    Math.Min(range.Start, own.Lock.Range.Start), Math.Max(range.Last, own.Lock.Range.Last));
            }
            else
            {
                AddRemains(own.Lock, added);
            }
        }

        if (!unlocks) added.Add(request with { Range = range });
        if (!unlocks && held.Count - removed.Count + added.Count > LockRows.LocksPerFileMax)
            return FileStatus.LockLimit;

        var id = held.Count == 0 ? 1 : held[^1].Id + 1;
        foreach (var own in removed)
            LockRows.Delete(context, RowKeys.LockPrefix, request.Node.Inode, own.Id, own.Lock.Owner.Client);
        foreach (var part in added) LockRows.PutLock(context, id++, part);
        return FileStatus.Ok;
    }

    private void AddRemains(LockRequest own, List<LockRequest> added)
    {
        if (own.Range.Start < request.Range.Start)
            added.Add(own with { Range = new LockRange(own.Range.Start, request.Range.Start - 1) });
        if (own.Range.Last > request.Range.Last)
            added.Add(own with { Range = new LockRange(request.Range.Last + 1, own.Range.Last) });
    }

    private static bool Contains(LockRange outer, LockRange inner) =>
        outer.Start <= inner.Start && outer.Last >= inner.Last;

    /// <summary>True when the ranges overlap or stand side by side.</summary>
    private static bool Touches(LockRange a, LockRange b) =>
        a.Overlaps(b) || (a.Last != ulong.MaxValue && a.Last + 1 == b.Start) || (
            b.Last != ulong.MaxValue && b.Last + 1 == a.Start);
}
