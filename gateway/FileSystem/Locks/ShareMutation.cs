using Gateway.FileSystem.Tables;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Locks;

/// <summary>Makes, replaces or ends an owner's share reservation.</summary>
internal sealed class ShareMutation(
    NodeId node, LockOwner owner, ShareAccess access, ShareAccess deny, bool ends, ByteRangeLocks locks) : Mutation
{
    public override bool FreesSpace => ends;

    public FileStatus Status { get; private set; }

    public override void Execute(MutationContext context)
    {
        if (!NodeRows.TryGet(context, node, out var inode))
        {
            Status = FileStatus.Stale;
            return;
        }

        if (!inode.IsFile)
        {
            Status = inode.IsDirectory ? FileStatus.IsDirectory : FileStatus.InvalidArgument;
            return;
        }

        var shares = LockRows.ReadShares(context, node.Inode);
        Status = ends ? FileStatus.Ok : Check(shares);
        if (Status == FileStatus.Ok && !ends && locks.IsDeniedByOpens(node, access, deny)) Status = FileStatus.LockConflict;
        if (Status != FileStatus.Ok) return;

        foreach (var share in shares)
        {
            if (share.Owner.Equals(owner))
                LockRows.Delete(context, RowKeys.SharePrefix, node.Inode, share.Id, owner.Client);
        }

        if (ends) return;

        LockRows.Mark(context, node.Inode, ref inode);
        locks.Nodes.NoteReserved(node.Inode);
        var id = shares.Count == 0 ? 1 : shares[^1].Id + 1;
        LockRows.PutShare(context, node.Inode, new StoredShare(id, owner, access, deny));
    }

    private FileStatus Check(List<StoredShare> shares)
    {
        var others = 0;
        foreach (var share in shares)
        {
            if (share.Owner.Equals(owner)) continue;
            if ((share.Deny & access) != 0 || (share.Access & deny) != 0) return FileStatus.LockConflict;
            others++;
        }

        return others < LockRows.SharesPerFileMax ? FileStatus.Ok : FileStatus.LockLimit;
    }
}
