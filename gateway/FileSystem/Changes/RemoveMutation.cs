using Gateway.FileSystem.Opens;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Changes;

/// <summary>REMOVE and RMDIR (RFC 1813 §3.3.12, §3.3.13).</summary>
internal sealed class RemoveMutation(
    FileTree tree, Caller caller, RecordedReply? reply, NodeId directory, byte[] name, bool ofDirectory)
    : TreeMutation(tree, caller, reply)
{
    /// <summary>The name must lead to this node, which may be of any kind; null takes what it leads to.</summary>
    public NodeId? Expected { get; init; }

    protected override bool Frees => true;

    protected override async ValueTask YieldAsync(OpenTable opens, CancellationToken cancellation)
    {
        await opens.YieldNameAsync(directory, name, cancellation);
        opens.BreakDirectory(directory, null);
    }

    protected override ChangeResult Run(MutationContext context)
    {
        var status = LoadDirectory(context, directory, out var parent);
        if (status != FileStatus.Ok) return Refuse(status, directory, parent);
        if (!Permissions.Allow(parent, Caller, Permissions.Execute))
            return Refuse(FileStatus.AccessDenied, directory, parent);
        if (!NodeRows.TryGetLink(context, directory.Inode, name, out var link))
            return Refuse(FileStatus.NoEntry, directory, parent);
        if (!Permissions.Allow(parent, Caller, Permissions.Write))
            return Refuse(FileStatus.AccessDenied, directory, parent);
        if (!NodeRows.TryGet(context, link.Inode, out var inode))
            throw new InvalidDataException("A name leads nowhere.");
        if (!Permissions.AllowRemoval(parent, inode, Caller))
            return Refuse(FileStatus.NotPermitted, directory, parent);

        status = Suits(link, inode);
        if (status != FileStatus.Ok) return Refuse(status, directory, parent);

        var before = parent.Before();
        if (IsTold) Tell(OfRemoval(link, inode, directory, name));
        NodeRows.Unlink(context, directory.Inode, ref parent, name, link);
        if (inode.IsDirectory) parent.Links--;
        DropLink(context, link.Inode, ref inode);
        return new ChangeResult
        {
            Status = FileStatus.Ok,
            Directory = PutChanged(context, directory, ref parent, before),
        };
    }

    private FileStatus Suits(in NameLink link, in Inode inode)
    {
        if (Expected is { } expected)
        {
            if (expected != new NodeId(link.Inode, inode.Generation)) return FileStatus.NoEntry;
            return inode.IsDirectory && inode.Entries > 0 ? FileStatus.NotEmpty : FileStatus.Ok;
        }

        if (!ofDirectory) return inode.IsDirectory ? FileStatus.IsDirectory : FileStatus.Ok;
        if (!inode.IsDirectory) return FileStatus.NotDirectory;
        return inode.Entries == 0 ? FileStatus.Ok : FileStatus.NotEmpty;
    }
}
