using Gateway.FileSystem.Notices;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Changes;

/// <summary>Overwrites or supersedes a file (MS-FSA 2.1.5.1.2).</summary>
internal sealed class ReplaceMutation(FileTree tree, Caller caller, ReplaceRequest request)
    : TreeMutation(tree, caller, null)
{
    private NodeId Node => request.Node;

    protected override ChangeResult Run(MutationContext context)
    {
        if (!NodeRows.TryGet(context, Node, out var inode)) return new ChangeResult { Status = FileStatus.Stale };

        var before = inode.Before();
        var status = Check(inode);
        if (status == FileStatus.Ok)
        {
            inode.TouchContent(context.ClockNanoseconds);
            ContentCut.SetSize(context, Node.Inode, ref inode, 0);
            RemoveStreams(context, ref inode);
            AttributeRows.Put(
                context, Node.Inode, ref inode, AttributeRows.Merge([], request.ExtendedAttributes));
            inode.Dos = request.Dos;
            NodeRows.Put(context, Node.Inode, inode);
            TellChange(
                context, Node, inode, ChangedParts.Size | ChangedParts.LastWrite | ChangedParts.Attributes);
        }

        return new ChangeResult
        {
            Status = status,
            Node = new NodeChange(before, Tree.Describe(Node.Inode, inode)),
        };
    }

    private FileStatus Check(in Inode inode)
    {
        if (inode.IsDirectory) return FileStatus.IsDirectory;
        if (!inode.IsFile || inode.IsStream) return FileStatus.InvalidArgument;
        return Permissions.Allow(inode, Caller, Permissions.Write) ? FileStatus.Ok : FileStatus.AccessDenied;
    }

    private void RemoveStreams(MutationContext context, ref Inode inode)
    {
        if ((inode.Flags & InodeFlags.HasStreams) == 0) return;

        var kept = 0;
        var removal = new NodeRemoval(context);
        foreach (var stream in StreamRows.List(context, Node.Inode))
        {
            if (IsKept(context, stream))
            {
                kept++;
                continue;
            }

            DestroyStream(removal, Node.Inode, stream);
            if (IsTold && ChangeNames.DescribeStream(
                    context, Node.Inode, inode, TreeChangeKind.StreamRemoved, stream.Name, ChangedParts.StreamName)
                is { } told)
            {
                Tell(told);
            }
        }

        if (kept == 0) inode.Flags &= ~InodeFlags.HasStreams;
    }

    private bool IsKept(MutationContext context, in StreamLink stream) =>
        request.KeptStreams.Count > 0
        && NodeRows.TryGet(context, stream.Inode, out var inode)
        && request.KeptStreams.Contains(new NodeId(stream.Inode, inode.Generation));
}
