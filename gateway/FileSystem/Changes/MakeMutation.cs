using Gateway.FileSystem.Tables;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Changes;

/// <summary>
/// Makes a node of any type under a new name: CREATE, MKDIR, SYMLINK, MKNOD (RFC 1813 §3.3.8 to §3.3.11).
/// </summary>
internal sealed class MakeMutation(
    FileTree tree, Caller caller, RecordedReply? reply, NodeId directory, byte[] name, NodeType type,
    AttributeChanges changes)
    : TreeMutation(tree, caller, reply)
{
    private const ushort FileModeDefault = 0x180;
    private const ushort DirectoryModeDefault = 0x1C0;
    private const ushort LinkMode = 0x1FF;

    public DeviceNumber Device { get; init; }

    /// <summary>Symbolic links only.</summary>
    public byte[] Target { get; init; } = [];

    /// <summary>Regular files only: what to do when the name exists.</summary>
    public CreateMode Mode { get; init; } = CreateMode.Guarded;

    /// <summary>Exclusive creates only.</summary>
    public ulong Verifier { get; init; }

    /// <summary>A file that exists and must be cut, by a change of its own; this one changed nothing.</summary>
    public NodeId? ToCut { get; private set; }

    protected override bool Records => ToCut is null;

    protected override ChangeResult Run(MutationContext context)
    {
        var status = LoadDirectory(context, directory, out var parent);
        if (status != FileStatus.Ok) return Refuse(status, directory, parent);
        if (!Permissions.Allow(parent, Caller, Permissions.Execute))
            return Refuse(FileStatus.AccessDenied, directory, parent);

        if (FileName.IsDot(name) || FileName.IsDotDot(name)) return Refuse(FileStatus.Exists, directory, parent);
        if (NodeRows.TryGetLink(context, directory.Inode, name, out var link)) return Meet(context, parent, link);
        if (!Permissions.Allow(parent, Caller, Permissions.Write))
            return Refuse(FileStatus.AccessDenied, directory, parent);

        return MayHave(parent) ? Make(context, parent) : Refuse(FileStatus.NotPermitted, directory, parent);
    }

    private ChangeResult Meet(MutationContext context, in Inode parent, in NameLink link)
    {
        if (type != NodeType.File || Mode == CreateMode.Guarded) return Refuse(FileStatus.Exists, directory, parent);
        if (!NodeRows.TryGet(context, link.Inode, out var inode))
            throw new InvalidDataException("A name leads nowhere.");
        if (inode.IsDirectory && Mode == CreateMode.Unchecked)
            return Refuse(FileStatus.IsDirectory, directory, parent);

        var own = (inode.Flags & InodeFlags.HasVerifier) != 0 && inode.CreateVerifier == Verifier;
        if (!inode.IsFile || (Mode == CreateMode.Exclusive && !own))
            return Refuse(FileStatus.Exists, directory, parent);

        if (Mode == CreateMode.Unchecked && changes.Size is not null)
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
        if (Caller.IsRoot) return true;

        var inherited = (parent.Mode & Permissions.SetGid) != 0 && changes.Gid == parent.Gid;
        return (changes.Uid is null || changes.Uid == Caller.Uid)
            && (changes.Gid is not { } gid || Caller.IsMember(gid) || inherited);
    }

    private ChangeResult Make(MutationContext context, Inode parent)
    {
        var before = parent.Before();
        var counters = NodeRows.GetCounters(context);
        var number = counters.NextInode;
        NodeRows.PutCounters(context, new Counters(number + 1, counters.Nodes + 1));

        var inode = NewInode(context.ClockNanoseconds, parent);
        NodeRows.Put(context, number, inode);
        if (type == NodeType.SymbolicLink)
        {
            Span<byte> key = stackalloc byte[RowKeys.OneNumberBytes];
            context.Put(RowKeys.One(key, RowKeys.TargetPrefix, number), Target);
        }

        NodeRows.Link(context, directory.Inode, ref parent, name, number, type);
        if (type == NodeType.Directory) parent.Links++;
        return new ChangeResult
        {
            Status = FileStatus.Ok,
            Node = new NodeChange(null, inode.Describe(number, Tree.FileSystemId)),
            Directory = PutChanged(context, directory, ref parent, before),
        };
    }

    private Inode NewInode(long clock, in Inode parent)
    {
        var inode = new Inode
        {
            Type = type,
            Generation = unchecked((uint)(clock >> 10)),
            Uid = changes.Uid ?? Caller.Uid,
            Gid = changes.Gid ?? ((parent.Mode & Permissions.SetGid) != 0 ? parent.Gid : Caller.Gid),
            Links = 1,
            AccessTime = TimeOf(changes.AccessTime, clock),
            ModifyTime = TimeOf(changes.ModifyTime, clock),
            ChangeTime = clock,
            BirthTime = clock,
        };
        inode.Mode = ModeOf(parent, inode.Gid);
        if (type == NodeType.SymbolicLink) inode.Size = inode.Used = Target.Length;
        if (type == NodeType.Directory)
        {
            inode.Links = 2;
            inode.Size = inode.Used = NodeSizes.DirectoryBytes;
            inode.Parent = directory.Inode;
            inode.NextCookie = FileSystemLimits.FirstEntryCookie;
        }

        if (type == NodeType.File && changes.Size is { } size) inode.Size = size;
        if (type is NodeType.BlockDevice or NodeType.CharacterDevice) inode.Device = Device;
        if (type == NodeType.File && Mode == CreateMode.Exclusive)
        {
            inode.Flags |= InodeFlags.HasVerifier;
            inode.CreateVerifier = Verifier;
        }

        return inode;
    }

    private ushort ModeOf(in Inode parent, uint gid)
    {
        if (type == NodeType.SymbolicLink) return LinkMode;

        var given = changes.Mode ?? (type == NodeType.Directory ? DirectoryModeDefault : FileModeDefault);
        var mode = (ushort)(given & Permissions.All);
        if (type == NodeType.Directory)
            return (ushort)(mode | (parent.Mode & Permissions.SetGid));

        return Caller.IsRoot || Caller.IsMember(gid) ? mode : (ushort)(mode & ~Permissions.SetGid);
    }

    private static long TimeOf(TimeChange change, long clock) =>
        change.Kind == TimeChangeKind.ClientTime ? change.Time.Nanoseconds : clock;
}

internal static class NodeSizes
{
    /// <summary>Directories say one size always, as their rows are not theirs to count.</summary>
    public const long DirectoryBytes = 4096;
}
