using Gateway.FileSystem.Notices;
using Gateway.FileSystem.Opens;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Changes;

/// <summary>LINK (RFC 1813 §3.3.15).</summary>
internal sealed class LinkMutation(
    FileTree tree, Caller caller, RecordedReply? reply, NodeId node, NodeId directory, byte[] name)
    : TreeMutation(tree, caller, reply)
{
    /// <summary>How a name that exists is met.</summary>
    public NameMatch Match { get; init; }

    /// <summary>A name that matches, of anything but a directory, is replaced.</summary>
    public bool Replaces { get; init; }

    protected override ValueTask YieldAsync(OpenTable opens, CancellationToken cancellation)
    {
        opens.BreakDirectory(directory, null);
        return ValueTask.CompletedTask;
    }

    protected override ChangeResult Run(MutationContext context)
    {
        if (!NodeRows.TryGet(context, node, out var inode) || inode.Links == 0)
            return new ChangeResult { Status = FileStatus.Stale };

        var status = LoadDirectory(context, directory, out var parent);
        if (status == FileStatus.Ok && !Permissions.Allow(parent, Caller, Permissions.Execute))
            status = FileStatus.AccessDenied;
        if (status == FileStatus.Ok) status = Suits(inode);
        Inode target = default;
        var meets = NameRows.TryFind(context, directory.Inode, name, Match, out var met, out var stored);
        if (status == FileStatus.Ok && meets) status = Meet(context, met, out target);
        if (status == FileStatus.Ok && !Permissions.Allow(parent, Caller, Permissions.Write))
            status = FileStatus.AccessDenied;
        if (status != FileStatus.Ok) return RefuseBoth(status, inode, parent);

        var before = parent.Before();
        var inodeBefore = inode.Before();
        if (meets) Unlink(context, ref parent, stored, met, target);
        NodeRows.Link(context, directory.Inode, ref parent, name, node.Inode, inode.Type);
        if (IsTold) Tell(OfName(TreeChangeKind.Added, node, inode.Type, directory, name));
        inode.Links++;
        inode.Touch(context.ClockNanoseconds, KeepsDeclared);
        NodeRows.Put(context, node.Inode, inode);
        return new ChangeResult
        {
            Status = FileStatus.Ok,
            Node = new NodeChange(inodeBefore, Tree.Describe(node.Inode, inode)),
            Directory = PutChanged(context, directory, ref parent, before),
        };
    }

    private FileStatus Meet(MutationContext context, in NameLink link, out Inode target)
    {
        target = default;
        if (!Replaces) return FileStatus.Exists;
        if (!NodeRows.TryGet(context, link.Inode, out target)) throw new InvalidDataException("A name leads nowhere.");

        // Its own name, in whatever spelling, is no other one.
        return target.IsDirectory || link.Inode == node.Inode ? FileStatus.Exists : FileStatus.Ok;
    }

    private void Unlink(
        MutationContext context, ref Inode parent, ReadOnlyMemory<byte> stored, in NameLink link, Inode target)
    {
        if (IsTold) Tell(OfRemoval(link, target, directory, stored));
        NodeRows.Unlink(context, directory.Inode, ref parent, stored.Span, link);
        DropLink(context, link.Inode, ref target);
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
