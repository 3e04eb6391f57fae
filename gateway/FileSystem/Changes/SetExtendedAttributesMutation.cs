using Gateway.FileSystem.Notices;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Changes;

/// <summary>Sets some extended attributes of a node, or removes them.</summary>
internal sealed class SetExtendedAttributesMutation(
    FileTree tree, Caller caller, NodeId node, IReadOnlyList<ExtendedAttribute> changes)
    : TreeMutation(tree, caller, null)
{
    protected override ChangeResult Run(MutationContext context)
    {
        if (!NodeRows.TryGet(context, node, out var inode)) return new ChangeResult { Status = FileStatus.Stale };

        var before = inode.Before();
        var merged = AttributeRows.Merge(AttributeRows.Get(context, node.Inode), changes);
        var status = Check(inode, merged);
        if (status == FileStatus.Ok)
        {
            AttributeRows.Put(context, node.Inode, ref inode, merged);
            inode.Touch(context.ClockNanoseconds, KeepsDeclared);
            NodeRows.Put(context, node.Inode, inode);
            TellChange(context, node, inode, ChangedParts.ExtendedAttributes);
        }

        return new ChangeResult
        {
            Status = status,
            Node = new NodeChange(before, Tree.Describe(node.Inode, inode)),
        };
    }

    private FileStatus Check(in Inode inode, List<ExtendedAttribute> merged)
    {
        if (inode.IsStream) return FileStatus.InvalidArgument;
        if (!Permissions.Allow(inode, Caller, Permissions.Write)) return FileStatus.AccessDenied;
        return AttributeRows.BytesOf(merged) > FileSystemLimits.ExtendedAttributesBytesMax
            ? FileStatus.ExtendedAttributesTooLarge
            : FileStatus.Ok;
    }
}
