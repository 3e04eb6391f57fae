using Gateway.FileSystem.Notices;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Changes;

/// <summary>Removes a named stream, while its name leads to the one expected.</summary>
internal sealed class RemoveStreamMutation(FileTree tree, Caller caller, NodeId file, byte[] name, NodeId expected)
    : TreeMutation(tree, caller, null)
{
    protected override bool Frees => true;

    protected override ChangeResult Run(MutationContext context)
    {
        if (!NodeRows.TryGet(context, file, out var inode)) return new ChangeResult { Status = FileStatus.Stale };

        var before = inode.Before();
        var status = FileStatus.NoEntry;
        if (StreamRows.TryGet(context, file.Inode, name, out var stream) && stream.Inode == expected.Inode
            && NodeRows.TryGet(context, expected, out _))
        {
            status = Permissions.Allow(inode, Caller, Permissions.Write) ? FileStatus.Ok : FileStatus.AccessDenied;
        }

        if (status == FileStatus.Ok) Remove(context, stream, ref inode);
        return new ChangeResult
        {
            Status = status,
            Node = new NodeChange(before, Tree.Describe(file.Inode, inode)),
        };
    }

    private void Remove(MutationContext context, in StreamLink stream, ref Inode inode)
    {
        DestroyStream(new NodeRemoval(context), file.Inode, stream);
        if (StreamRows.List(context, file.Inode).Count == 0) inode.Flags &= ~InodeFlags.HasStreams;
        inode.Touch(context.ClockNanoseconds, KeepsDeclared);
        NodeRows.Put(context, file.Inode, inode);
        if (IsTold && ChangeNames.DescribeStream(
                context, file.Inode, inode, TreeChangeKind.StreamRemoved, stream.Name, ChangedParts.StreamName)
            is { } told)
        {
            Tell(told);
        }
    }
}
