using Gateway.FileSystem.Notices;
using Gateway.FileSystem.Opens;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Changes;

/// <summary>
/// A change of names or attributes: executed at most once when it carries a reply, its outcome in <see cref="Result"/>.
/// </summary>
internal abstract class TreeMutation(FileTree tree, Caller caller, RecordedReply? reply) : Mutation
{
    private List<ulong>? _destroyed;
    private List<TreeChange>? _told;

    /// <summary>Once it has run.</summary>
    public ChangeResult Result { get; private set; } = null!;

    public RecordedReply? Reply => reply;

    /// <summary>Inodes of files this change removed for good, streams among them.</summary>
    public IReadOnlyList<ulong> Destroyed => _destroyed ?? (IReadOnlyList<ulong>)[];

    /// <summary>A node that has no name any more, but was open when it lost it.</summary>
    public NodeId? Unnamed { get; private set; }

    /// <summary>Place of the change among those that are told; 0 when nobody listened.</summary>
    public ulong Place { get; private set; }

    /// <summary>What is to be told once the change is durable.</summary>
    public IReadOnlyList<TreeChange> Told => _told ?? (IReadOnlyList<TreeChange>)[];

    /// <summary>A persistent open that ends with the change, whatever comes of it; null for none.</summary>
    public Open? Ended { get; init; }

    // A retransmission of what was done is answered as before, also by a store that is full.
    public sealed override bool FreesSpace => reply is not null || Frees;

    /// <summary>Goes through when the nodes are full.</summary>
    protected virtual bool Frees => false;

    protected FileTree Tree => tree;

    protected Caller Caller => caller;

    /// <summary>What clients are told as the change time of the node stays: so the open was told that it comes by.</summary>
    protected bool KeepsDeclared => caller.KeepsDeclared;

    /// <summary>False when the request goes on in another mutation, which records the reply.</summary>
    protected virtual bool Records => true;

    public sealed override void Execute(MutationContext context)
    {
        if (reply is not null && tree.Replies.TryReplay(context, reply, out var answer))
        {
            Result = answer;
            return;
        }

        Result = context.IsFull && !Frees ? new ChangeResult { Status = FileStatus.NoSpace } : Change(context);
        if (reply is null) return;

        if (Result.Status != FileStatus.Ok) tree.Replies.Refuse(context, reply, Result.Status);
        else if (Records) tree.Replies.Record(context, reply, Result);
    }

    /// <summary>
    /// Before it runs: clients that cache what it changes give that up, unless it comes by an open, which saw to it.
    /// </summary>
    public ValueTask YieldAsync(CancellationToken cancellation) =>
        caller.IsTrusted ? ValueTask.CompletedTask : YieldAsync(tree.Opens, cancellation);

    private ChangeResult Change(MutationContext context)
    {
        if (tree.Changes.IsWanted) Place = tree.Changes.TakePlace();
        Ended?.Erase(context);
        return Run(context);
    }

    protected virtual ValueTask YieldAsync(OpenTable opens, CancellationToken cancellation) => ValueTask.CompletedTask;

    protected abstract ChangeResult Run(MutationContext context);

    protected static FileStatus LoadDirectory(MutationContext context, NodeId id, out Inode directory)
    {
        if (!NodeRows.TryGet(context, id, out directory) || (directory.Flags & InodeFlags.IsUnnamed) != 0)
            return FileStatus.Stale;
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
    /// Takes one link from a node; the last one destroys it, unless somebody has it open: then it stays, without a
    /// name, until the last open ends.
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

        var node = new NodeId(number, inode.Generation);
        if (tree.Opens.IsOpen(node))
        {
            Unnamed = node;
            inode.Touch(context.ClockNanoseconds);
            UnnamedNodes.Keep(context, number, ref inode);
            return;
        }

        Destroy(context, number, inode);
    }

    protected void Destroy(MutationContext context, ulong number, Inode inode)
    {
        var removal = new NodeRemoval(context);
        removal.Remove(number, ref inode);
        _destroyed = removal.Files;
    }

    /// <summary>Removes one stream of a file; the caller puts what it means for the file.</summary>
    protected void DestroyStream(NodeRemoval removal, ulong file, in StreamLink stream)
    {
        removal.RemoveStream(file, stream);
        _destroyed = removal.Files;
    }

    /// <summary>Has a change of a node that leaves its names told, by its youngest name.</summary>
    protected void TellChange(MutationContext context, NodeId node, in Inode inode, ChangedParts parts)
    {
        if (Place == 0 || parts == ChangedParts.None) return;
        if (ChangeNames.Describe(context, node.Inode, inode, parts) is { } change) Tell(change);
    }

    /// <summary>Has the change told when somebody listens.</summary>
    protected void Tell(TreeChange change) => (_told ??= []).Add(change);

    protected bool IsTold => Place != 0;

    /// <summary>A change of a name, as it is told.</summary>
    protected static TreeChange OfName(
        TreeChangeKind kind, NodeId node, NodeType type, NodeId directory, ReadOnlyMemory<byte> name) => new()
        {
            Kind = kind,
            Parts = type == NodeType.Directory ? ChangedParts.DirectoryName : ChangedParts.FileName,
            Node = node,
            Type = type,
            Directory = directory,
            Name = name,
        };

    /// <summary>The removal of a name, as it is told; before it is done.</summary>
    protected static TreeChange OfRemoval(
        in NameLink link, in Inode inode, NodeId directory, ReadOnlyMemory<byte> name) =>
        OfName(TreeChangeKind.Removed, new NodeId(link.Inode, inode.Generation), inode.Type, directory, name) with
        {
            IsLastName = inode.IsDirectory || inode.Links == 1,
        };
}
