using Gateway.FileSystem.Notices;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Changes;

/// <summary>Makes a named stream; Exists, with it, when there is one of the name.</summary>
internal sealed class MakeStreamMutation(FileTree tree, Caller caller, NodeId file, byte[] name)
    : TreeMutation(tree, caller, null)
{
    public NodeClaim? Claim { get; init; }

    /// <summary>The stream that exists or was made.</summary>
    public StreamResult Stream { get; private set; } = new(FileStatus.Stale, default, default);

    protected override ChangeResult Run(MutationContext context)
    {
        var status = FileStatus.Stale;
        if (NodeRows.TryGet(context, file, out var inode)) status = Make(context, inode);
        Stream = Stream with { Status = status };
        return new ChangeResult { Status = status };
    }

    private FileStatus Make(MutationContext context, Inode inode)
    {
        if (!StreamRows.AreAllowed(inode)) return FileStatus.BadType;
        if (StreamRows.TryGet(context, file.Inode, name, out var present))
        {
            if (!NodeRows.TryGet(context, present.Inode, out var existing))
                throw new InvalidDataException("A stream's name leads nowhere.");
            Stream = new StreamResult(
                FileStatus.Exists, existing.DescribeStream(present.Inode, inode, Tree.FileSystemId), present.Name);
            return FileStatus.Exists;
        }

        if (!Permissions.Allow(inode, Caller, Permissions.Write)) return FileStatus.AccessDenied;
        if ((inode.Flags & InodeFlags.HasStreams) != 0
            && StreamRows.List(context, file.Inode).Count >= FileSystemLimits.StreamsMax)
        {
            return FileStatus.TooManyStreams;
        }

        var counters = NodeRows.GetCounters(context);
        var number = counters.NextInode;
        var made = new NodeId(number, Inode.GenerationAt(context.ClockNanoseconds));
        var claimed = Claim?.Invoke(context, file, made) ?? FileStatus.Ok;
        if (claimed != FileStatus.Ok) return claimed;

        NodeRows.PutCounters(context, new Counters(number + 1, counters.Nodes + 1));
        var stream = StreamRows.Make(context, file.Inode, ref inode, number, name);
        inode.Touch(context.ClockNanoseconds);
        NodeRows.Put(context, file.Inode, inode);
        Stream = new StreamResult(FileStatus.Ok, stream.DescribeStream(number, inode, Tree.FileSystemId), name);
        if (IsTold && ChangeNames.DescribeStream(
                context, file.Inode, inode, TreeChangeKind.StreamAdded, name, ChangedParts.StreamName) is { } told)
        {
            Tell(told);
        }

        return FileStatus.Ok;
    }
}
