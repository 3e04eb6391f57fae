using Gateway.FileSystem.Notices;
using Gateway.FileSystem.Security;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Changes;

/// <summary>Stores a security descriptor, and sets owner, group and mode in accordance with it.</summary>
internal sealed class SetDescriptorMutation(FileTree tree, Caller caller, NodeId node, SecurityDescriptor descriptor)
    : TreeMutation(tree, caller, null)
{
    private readonly byte[] _bytes = descriptor.ToBytes();

    protected override ChangeResult Run(MutationContext context)
    {
        if (!NodeRows.TryGet(context, node, out var inode)) return new ChangeResult { Status = FileStatus.Stale };

        var before = inode.Before();
        var status = FileStatus.Ok;
        if (inode.IsStream) status = FileStatus.InvalidArgument;
        else if (!Permissions.IsOwner(inode, Caller)) status = FileStatus.NotPermitted;
        if (status == FileStatus.Ok)
        {
            Set(context, ref inode);
            TellChange(context, node, inode, ChangedParts.Security);
        }

        return new ChangeResult
        {
            Status = status,
            Node = new NodeChange(before, Tree.Describe(node.Inode, inode)),
        };
    }

    private void Set(MutationContext context, ref Inode inode)
    {
        var owned = DescriptorOwner.Of(descriptor, Tree.Sids, inode.Uid, inode.Gid, inode.IsDirectory);
        var gives = owned.Uid != inode.Uid || owned.Gid != inode.Gid;
        inode.Uid = owned.Uid;
        inode.Gid = owned.Gid;
        inode.Mode = (ushort)((inode.Mode & (Permissions.SetUid | Permissions.SetGid)) | owned.Mode);
        if (gives && !inode.IsDirectory) inode.Mode = Permissions.WithoutPrivileges(inode.Mode);
        DescriptorRows.Put(context, node.Inode, ref inode, _bytes);
        inode.Touch(context.ClockNanoseconds, KeepsDeclared);
        NodeRows.Put(context, node.Inode, inode);
    }
}
