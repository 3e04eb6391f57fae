using Gateway.FileSystem.Tables;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Changes;

/// <summary>Removes a node that has no name, once nobody has it open.</summary>
internal sealed class EndUnnamedMutation(FileTree tree, NodeId node) : TreeMutation(tree, Caller.Root, null)
{
    protected override bool Frees => true;

    protected override ChangeResult Run(MutationContext context)
    {
        if (NodeRows.TryGet(context, node, out var inode)
            && (inode.Flags & InodeFlags.IsUnnamed) != 0
            && !Tree.Opens.IsOpen(node))
        {
            Destroy(context, node.Inode, inode);
        }

        return new ChangeResult { Status = FileStatus.Ok };
    }
}
