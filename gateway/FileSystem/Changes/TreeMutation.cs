using Gateway.FileSystem.Data;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Changes;

/// <summary>
/// A change of names or attributes: executed at most once when it carries a reply, its outcome in <see cref="Result"/>.
/// </summary>
internal abstract class TreeMutation(FileTree tree, Caller caller, RecordedReply? reply) : Mutation
{
    private static readonly ChangeResult DoneBefore = new() { Status = FileStatus.Ok };

    public ChangeResult Result { get; private set; } = DoneBefore;

    public RecordedReply? Reply => reply;

    /// <summary>Inode of a node this change removed for good; 0 when there is none.</summary>
    public ulong Destroyed { get; private set; }

    protected FileTree Tree => tree;

    protected Caller Caller => caller;

    /// <summary>False when the request goes on in another mutation, which records the reply.</summary>
    protected virtual bool Records => true;

    public sealed override void Execute(MutationContext context)
    {
        if (reply is not null && tree.Replies.TryReplay(context, reply)) return;

        Result = Run(context);
        if (reply is not null && Result.Status == FileStatus.Ok && Records) tree.Replies.Record(context, reply, Result);
    }

    protected abstract ChangeResult Run(MutationContext context);

    protected static FileStatus LoadDirectory(MutationContext context, NodeId id, out Inode directory)
    {
        if (!NodeRows.TryGet(context, id, out directory)) return FileStatus.Stale;
        return directory.IsDirectory ? FileStatus.Ok : FileStatus.NotDirectory;
    }

    /// <summary>Loads a directory whose entries the caller wants to change.</summary>
    protected FileStatus LoadForChange(MutationContext context, NodeId id, out Inode directory)
    {
        var status = LoadDirectory(context, id, out directory);
        if (status != FileStatus.Ok) return status;

        return Permissions.Allow(directory, caller, Permissions.Write | Permissions.Execute)
            ? FileStatus.Ok
            : FileStatus.AccessDenied;
    }

    /// <summary>A failure that says what is known of the directory.</summary>
    protected ChangeResult Refuse(FileStatus status, NodeId directory, in Inode inode) => new()
    {
        Status = status,
        Directory = inode.Type == 0 ? default : new NodeChange(inode.Before(), tree.Describe(directory.Inode, inode)),
    };

    /// <summary>Stamps and puts a directory whose entries changed.</summary>
    protected NodeChange PutChanged(MutationContext context, NodeId id, ref Inode directory, in AttributesBefore before)
    {
        directory.TouchContent(context.ClockNanoseconds);
        NodeRows.Put(context, id.Inode, directory);
        return new NodeChange(before, tree.Describe(id.Inode, directory));
    }

    /// <summary>
    /// Takes one link from a node; the last one destroys it. What is too much for one mutation stays behind a reclaim
    /// row for the background.
    /// </summary>
    protected void DropLink(MutationContext context, ulong number, ref Inode inode)
    {
        inode.Links--;
        if (!inode.IsDirectory && inode.Links > 0)
        {
            inode.Touch(context.ClockNanoseconds);
            NodeRows.Put(context, number, inode);
            return;
        }

        Destroyed = number;
        Span<byte> key = stackalloc byte[RowKeys.TwoNumbersBytes];
        context.Delete(RowKeys.One(key, RowKeys.InodePrefix, number));
        var counters = NodeRows.GetCounters(context);
        NodeRows.PutCounters(context, counters with { Nodes = counters.Nodes - 1 });
        if (inode.Type == NodeType.SymbolicLink) context.Delete(RowKeys.One(key, RowKeys.TargetPrefix, number));
        if (!inode.IsFile) return;

        var whole = (inode.Flags & InodeFlags.Cutting) == 0;
        if (whole && inode.Used > 0)
        {
            var budget = ReclaimMutation.ExtentsAtOnceMax;
            whole = ExtentRows.Clear(context, number, ref inode, 0, long.MaxValue, ref budget, []) == long.MaxValue;
        }

        if (inode.InlineBytes > ExtentRows.InlineKeptBytes)
            context.Delete(RowKeys.One(key, RowKeys.InlinePrefix, number));
        if (!whole || (inode.Flags & InodeFlags.WasLocked) != 0) ReclaimMutation.Mark(context, number);
    }
}
