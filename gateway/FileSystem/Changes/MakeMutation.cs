using Gateway.FileSystem.Notices;
using Gateway.FileSystem.Opens;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Changes;

/// <summary>
/// Makes a node of any type under a new name: CREATE, MKDIR, SYMLINK, MKNOD (RFC 1813 §3.3.8 to §3.3.11).
/// </summary>
internal sealed class MakeMutation(
    FileTree tree, Caller caller, RecordedReply? reply, NodeId directory, byte[] name, NodeDraft draft)
    : TreeMutation(tree, caller, reply)
{
    /// <summary>Regular files only: what to do when the name exists.</summary>
    public CreateMode Mode { get; init; } = CreateMode.Guarded;

    /// <summary>Exclusive creates only.</summary>
    public ulong Verifier { get; init; }

    public NodeClaim? Claim { get; init; }

    /// <summary>How a name that exists is met.</summary>
    public NameMatch Match { get; init; }

    /// <summary>A file that exists and must be cut, by a change of its own; this one changed nothing.</summary>
    public NodeId? ToCut { get; private set; }

    protected override bool Records => ToCut is null;

    protected override ValueTask YieldAsync(OpenTable opens, CancellationToken cancellation)
    {
        opens.BreakDirectory(directory, null);
        return ValueTask.CompletedTask;
    }

    protected override ChangeResult Run(MutationContext context)
    {
        var status = LoadDirectory(context, directory, out var parent);
        if (status != FileStatus.Ok) return Refuse(status, directory, parent);
        if (!Permissions.Allow(parent, Caller, Permissions.Execute))
            return Refuse(FileStatus.AccessDenied, directory, parent);

        if (FileName.IsDot(name) || FileName.IsDotDot(name)) return Refuse(FileStatus.Exists, directory, parent);
        if (NameRows.TryFind(context, directory.Inode, name, Match, out var link, out _))
            return Meet(context, parent, link);
        if (!Permissions.Allow(parent, Caller, Permissions.Write))
            return Refuse(FileStatus.AccessDenied, directory, parent);

        return MayHave(parent) ? Make(context, parent) : Refuse(FileStatus.NotPermitted, directory, parent);
    }

    private ChangeResult Meet(MutationContext context, in Inode parent, in NameLink link)
    {
        if (draft.Type != NodeType.File || Mode == CreateMode.Guarded) return Refuse(FileStatus.Exists, directory, parent);
        if (!NodeRows.TryGet(context, link.Inode, out var inode))
            throw new InvalidDataException("A name leads nowhere.");
        if (inode.IsDirectory && Mode == CreateMode.Unchecked)
            return Refuse(FileStatus.IsDirectory, directory, parent);

        var own = (inode.Flags & InodeFlags.HasVerifier) != 0 && inode.CreateVerifier == Verifier;
        if (!inode.IsFile || (Mode == CreateMode.Exclusive && !own))
            return Refuse(FileStatus.Exists, directory, parent);

        if (Mode == CreateMode.Unchecked && draft.Changes.Size is not null)
            ToCut = new NodeId(link.Inode, inode.Generation);
        return new ChangeResult
        {
            Status = FileStatus.Ok,
            Node = new NodeChange(inode.Before(), Tree.Describe(link.Inode, inode)),
            Directory = new NodeChange(parent.Before(), Tree.Describe(directory.Inode, parent)),
        };
    }

    private bool MayHave(in Inode parent)
    {
        if (Caller.IsUnbound) return true;

        var inherited = (parent.Mode & Permissions.SetGid) != 0 && draft.Changes.Gid == parent.Gid;
        return (draft.Changes.Uid is null || draft.Changes.Uid == Caller.Uid)
            && (draft.Changes.Gid is not { } gid || Caller.IsMember(gid) || inherited);
    }

    private ChangeResult Make(MutationContext context, Inode parent)
    {
        var before = parent.Before();
        var counters = NodeRows.GetCounters(context);
        var inode = draft.In(directory.Inode, parent, Caller, context.ClockNanoseconds);
        var node = new NodeId(counters.NextInode, inode.Generation);
        var content = draft.Stream.Length == 0 ? node : node with { Inode = node.Inode + 1 };
        var claimed = Claim?.Invoke(context, node, content) ?? FileStatus.Ok;
        if (claimed != FileStatus.Ok) return Refuse(claimed, directory, parent);

        NodeRows.PutCounters(
            context, new Counters(content.Inode + 1, counters.Nodes + (draft.Stream.Length == 0 ? 1 : 2)));
        if (draft.Type == NodeType.File && Mode == CreateMode.Exclusive)
        {
            inode.Flags |= InodeFlags.HasVerifier;
            inode.CreateVerifier = Verifier;
        }

        draft.Put(context, node.Inode, ref inode);
        NodeRows.Link(context, directory.Inode, ref parent, name, node.Inode, draft.Type);
        if (draft.Type == NodeType.Directory) parent.Links++;
        if (IsTold) TellMade(node);
        return new ChangeResult
        {
            Status = FileStatus.Ok,
            Node = new NodeChange(null, inode.Describe(node.Inode, Tree.FileSystemId)),
            Directory = PutChanged(context, directory, ref parent, before),
        };
    }

    private void TellMade(NodeId node)
    {
        var added = OfName(TreeChangeKind.Added, node, draft.Type, directory, name);
        Tell(added);
        if (draft.Stream.Length > 0)
            Tell(added with { Kind = TreeChangeKind.StreamAdded, Parts = ChangedParts.StreamName, Stream = draft.Stream });
    }
}
