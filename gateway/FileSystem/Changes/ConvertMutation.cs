using Gateway.FileSystem.Notices;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Changes;

/// <summary>
/// Makes an empty file or directory a symbolic link, or a symbolic link an empty file: what clients of SMB do to a node
/// they have open (MS-FSA 2.1.5.10.37, FSCTL_SET_REPARSE_POINT).
/// </summary>
/// <param name="target">Null makes a file.</param>
internal sealed class ConvertMutation(FileTree tree, Caller caller, NodeId node, byte[]? target)
    : TreeMutation(tree, caller, null)
{
    private NodeType Type => target is null ? NodeType.File : NodeType.SymbolicLink;

    protected override ChangeResult Run(MutationContext context)
    {
        if (!NodeRows.TryGet(context, node, out var inode)) return new ChangeResult { Status = FileStatus.Stale };

        var before = inode.Before();
        var status = Check(inode);
        if (status == FileStatus.Ok) status = Rename(context, inode);
        if (status == FileStatus.Ok)
        {
            Convert(context, ref inode);
            TellChange(context, node, inode, ChangedParts.Attributes | ChangedParts.Size);
        }

        return new ChangeResult
        {
            Status = status,
            Node = new NodeChange(before, Tree.Describe(node.Inode, inode)),
        };
    }

    private FileStatus Check(in Inode inode)
    {
        if (!Permissions.Allow(inode, Caller, Permissions.Write)) return FileStatus.AccessDenied;
        if (target is null) return inode.Type == NodeType.SymbolicLink ? FileStatus.Ok : FileStatus.NotAReparsePoint;
        if (inode.Type == NodeType.SymbolicLink) return FileStatus.Ok;
        if (inode.IsDirectory) return inode.Entries > 0 ? FileStatus.NotEmpty : FileStatus.Ok;
        return inode.IsFile && !inode.IsStream && inode.Size == 0 ? FileStatus.Ok : FileStatus.InvalidArgument;
    }

    /// <summary>The name says the type too. A node with several names has ones that cannot be found.</summary>
    private FileStatus Rename(MutationContext context, in Inode inode)
    {
        if (inode.Type == Type) return FileStatus.Ok;
        if (!inode.IsDirectory && inode.Links != 1) return FileStatus.InvalidArgument;
        if (!NameRows.TryGetOwn(context, node.Inode, out var directory, out var name)
            || !NodeRows.TryGetLink(context, directory, name, out var link)
            || !NodeRows.TryGet(context, directory, out var parent))
        {
            return FileStatus.InvalidArgument;
        }

        NodeRows.ChangeType(context, directory, name, link, Type);
        if (!inode.IsDirectory) return FileStatus.Ok;

        parent.Links--;
        NodeRows.Put(context, directory, parent);
        return FileStatus.Ok;
    }

    private void Convert(MutationContext context, ref Inode inode)
    {
        // The words of one type mean nothing to the other.
        if (inode.Type != Type)
        {
            inode.CreateVerifier = 0;
            inode.InlineBytes = 0;
            inode.DataVersion = 0;
            inode.Flags &= ~InodeFlags.HasVerifier;
        }

        Span<byte> buffer = stackalloc byte[RowKeys.OneNumberBytes];
        var key = RowKeys.One(buffer, RowKeys.TargetPrefix, node.Inode);
        if (target is null) context.Delete(key);
        else context.Put(key, target);

        inode.Type = Type;
        inode.Links = 1;
        inode.Size = inode.Used = target?.Length ?? 0;
        inode.TouchContent(context.ClockNanoseconds, KeepsDeclared);
        NodeRows.Put(context, node.Inode, inode);
    }
}
