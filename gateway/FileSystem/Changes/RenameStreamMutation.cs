using Gateway.FileSystem.Names;
using Gateway.FileSystem.Notices;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Changes;

/// <summary>Renames a named stream (MS-FSA 2.1.5.14.11).</summary>
internal sealed class RenameStreamMutation(
    FileTree tree, Caller caller, NodeId file, byte[] fromName, byte[] toName, bool replaces)
    : TreeMutation(tree, caller, null)
{
    protected override ChangeResult Run(MutationContext context)
    {
        if (!NodeRows.TryGet(context, file, out var inode)) return new ChangeResult { Status = FileStatus.Stale };

        var before = inode.Before();
        var status = Check(context, inode, out var stream, out var target);
        if (status == FileStatus.Ok) Move(context, ref inode, stream, target);
        return new ChangeResult
        {
            Status = status,
            Node = new NodeChange(before, Tree.Describe(file.Inode, inode)),
        };
    }

    private FileStatus Check(MutationContext context, in Inode inode, out StreamLink stream, out StreamLink? target)
    {
        target = null;
        if (!StreamRows.TryGet(context, file.Inode, fromName, out stream)) return FileStatus.NoEntry;
        if (!CaseFolding.AreEqual(fromName, toName)
            && StreamRows.TryGet(context, file.Inode, toName, out var present))
        {
            target = present;
        }

        if (target is not null && !replaces) return FileStatus.Exists;
        return Permissions.Allow(inode, Caller, Permissions.Write) ? FileStatus.Ok : FileStatus.AccessDenied;
    }

    private void Move(MutationContext context, ref Inode inode, in StreamLink stream, StreamLink? target)
    {
        if (target is { } replaced) DestroyStream(new NodeRemoval(context), file.Inode, replaced);
        StreamRows.Delete(context, file.Inode, stream.Name);
        StreamRows.Put(context, file.Inode, stream with { Name = toName });
        Tree.Opens.RecordStreamMove(context, file, stream.Inode, toName);
        inode.Touch(context.ClockNanoseconds, KeepsDeclared);
        NodeRows.Put(context, file.Inode, inode);
        if (IsTold && ChangeNames.DescribeStream(
                context, file.Inode, inode, TreeChangeKind.StreamRenamed, toName, ChangedParts.StreamName)
            is { } told)
        {
            Tell(told with { FromName = stream.Name });
        }
    }
}
