using Gateway.FileSystem.Tables;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Changes;

/// <summary>REMOVE and RMDIR (RFC 1813 §3.3.12, §3.3.13).</summary>
internal sealed class RemoveMutation(
    FileTree tree, Caller caller, RecordedReply? reply, NodeId directory, byte[] name, bool ofDirectory)
    : TreeMutation(tree, caller, reply)
{
    public override bool FreesSpace => true;

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

        status = Suits(inode);
        if (status != FileStatus.Ok) return Refuse(status, directory, parent);

        var before = parent.Before();
        NodeRows.Unlink(context, directory.Inode, ref parent, name, link);
        if (inode.IsDirectory) parent.Links--;
        DropLink(context, link.Inode, ref inode);
        return new ChangeResult
        {
            Status = FileStatus.Ok,
            Directory = PutChanged(context, directory, ref parent, before),
        };
    }

    private FileStatus Suits(in Inode inode)
    {
        if (!ofDirectory) return inode.IsDirectory ? FileStatus.IsDirectory : FileStatus.Ok;
        if (!inode.IsDirectory) return FileStatus.NotDirectory;
        return inode.Entries == 0 ? FileStatus.Ok : FileStatus.NotEmpty;
    }
}
