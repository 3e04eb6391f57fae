using Gateway.FileSystem.Tables;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Changes;

/// <summary>LINK (RFC 1813 §3.3.15).</summary>
internal sealed class LinkMutation(
    FileTree tree, Caller caller, RecordedReply? reply, NodeId node, NodeId directory, byte[] name)
    : TreeMutation(tree, caller, reply)
{
    protected override ChangeResult Run(MutationContext context)
    {
        if (!NodeRows.TryGet(context, node, out var inode)) return new ChangeResult { Status = FileStatus.Stale };

        var status = LoadDirectory(context, directory, out var parent);
        if (status == FileStatus.Ok && !Permissions.Allow(parent, Caller, Permissions.Execute))
            status = FileStatus.AccessDenied;
        if (status == FileStatus.Ok) status = Suits(inode);
        if (status == FileStatus.Ok && NodeRows.TryGetLink(context, directory.Inode, name, out _))
            status = FileStatus.Exists;
        if (status == FileStatus.Ok && !Permissions.Allow(parent, Caller, Permissions.Write))
            status = FileStatus.AccessDenied;
        if (status != FileStatus.Ok) return RefuseBoth(status, inode, parent);

        var before = parent.Before();
        var inodeBefore = inode.Before();
        NodeRows.Link(context, directory.Inode, ref parent, name, node.Inode, inode.Type);
        inode.Links++;
        inode.Touch(context.ClockNanoseconds);
        NodeRows.Put(context, node.Inode, inode);
        return new ChangeResult
        {
            Status = FileStatus.Ok,
            Node = new NodeChange(inodeBefore, Tree.Describe(node.Inode, inode)),
            Directory = PutChanged(context, directory, ref parent, before),
        };
    }

    private FileStatus Suits(in Inode inode)
    {
        if (inode.IsDirectory) return FileStatus.NotPermitted;
        return inode.Links >= Tree.Options.LinksMax ? FileStatus.TooManyLinks : FileStatus.Ok;
    }

    private ChangeResult RefuseBoth(FileStatus status, in Inode inode, in Inode parent) => new()
    {
        Status = status,
        Node = new NodeChange(null, Tree.Describe(node.Inode, inode)),
        Directory = parent.Type == 0
            ? default
            : new NodeChange(parent.Before(), Tree.Describe(directory.Inode, parent)),
    };
}
