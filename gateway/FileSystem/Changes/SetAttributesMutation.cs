using Gateway.FileSystem.Data;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Changes;

/// <summary>SETATTR (RFC 1813 §3.3.2) with POSIX's rules on who may set what.</summary>
internal sealed class SetAttributesMutation(
    FileTree tree, Caller caller, RecordedReply? reply, NodeId node, AttributeChanges changes, Timestamp? guard,
    DataAccess access)
    : TreeMutation(tree, caller, reply)
{
    /// <summary>Set when an earlier cut of the file must end first; nothing was changed.</summary>
    public bool MustReclaim { get; private set; }

    /// <summary>Set when the caller saw that the change makes the file smaller.</summary>
    public bool Shrinks { get; init; }

    /// <summary>The name's directory, when this is the second half of a create.</summary>
    public NodeChange Directory { get; init; }

    public override bool FreesSpace => Shrinks;

    protected override bool Records => !MustReclaim;

    protected override ChangeResult Run(MutationContext context)
    {
        if (!NodeRows.TryGet(context, node, out var inode)) return new ChangeResult { Status = FileStatus.Stale };

        var status = Check(inode);
        if (status != FileStatus.Ok) return Answer(status, inode.Before(), inode);

        MustReclaim = changes.Size > inode.Size && (inode.Flags & InodeFlags.Cutting) != 0;
        if (MustReclaim || changes == default) return Answer(FileStatus.Ok, inode.Before(), inode);

        var before = inode.Before();
        SetOwnerAndMode(ref inode);
        inode.Touch(context.ClockNanoseconds);
        if (changes.Size is { } size) SetSize(context, ref inode, size);
        if (changes.AccessTime.Kind != TimeChangeKind.Unchanged) inode.AccessTime = TimeOf(changes.AccessTime, inode);
        if (changes.ModifyTime.Kind != TimeChangeKind.Unchanged) inode.ModifyTime = TimeOf(changes.ModifyTime, inode);
        NodeRows.Put(context, node.Inode, inode);
        return Answer(FileStatus.Ok, before, inode);
    }

    private FileStatus Check(in Inode inode)
    {
        if (guard is { } time && time.Nanoseconds != inode.ChangeTime) return FileStatus.GuardMismatch;

        var owner = Permissions.IsOwner(inode, Caller);
        if (!MaySetOwner(inode)) return FileStatus.NotPermitted;
        if (changes.Mode is not null && !owner) return FileStatus.NotPermitted;
        if (!owner && (changes.AccessTime.Kind == TimeChangeKind.ClientTime
                       || changes.ModifyTime.Kind == TimeChangeKind.ClientTime))
        {
            return FileStatus.NotPermitted;
        }

        var touches = changes.AccessTime.Kind != TimeChangeKind.Unchanged
            || changes.ModifyTime.Kind != TimeChangeKind.Unchanged;
        if (touches && !owner && !Permissions.Allow(inode, Caller, Permissions.Write)) return FileStatus.AccessDenied;

        return changes.Size is { } size ? CheckSize(inode, size) : FileStatus.Ok;
    }

    private FileStatus CheckSize(in Inode inode, long size)
    {
        if (inode.IsDirectory) return FileStatus.IsDirectory;
        if (!inode.IsFile || size < 0) return FileStatus.InvalidArgument;
        return Permissions.AllowData(inode, Caller, Permissions.Write, access)
            ? FileStatus.Ok
            : FileStatus.AccessDenied;
    }

    private bool MaySetOwner(in Inode inode)
    {
        if (Caller.IsRoot) return true;
        if (changes.Uid is { } uid && (Caller.Uid != inode.Uid || uid != inode.Uid)) return false;
        return changes.Gid is not { } gid || (Caller.Uid == inode.Uid && (gid == inode.Gid || Caller.IsMember(gid)));
    }

    private void SetOwnerAndMode(ref Inode inode)
    {
        var gives = changes.Uid is not null || changes.Gid is not null;
        inode.Uid = changes.Uid ?? inode.Uid;
        inode.Gid = changes.Gid ?? inode.Gid;
        if (changes.Mode is { } mode)
        {
            inode.Mode = (ushort)(mode & Permissions.All);
            if (!Caller.IsRoot && !Caller.IsMember(inode.Gid)) inode.Mode &= unchecked((ushort)~Permissions.SetGid);
        }
        else if (!inode.IsDirectory && (gives || (changes.Size is not null && !Caller.IsRoot)))
        {
            inode.Mode = Permissions.WithoutPrivileges(inode.Mode);
        }
    }

    private void SetSize(MutationContext context, ref Inode inode, long size)
    {
        var old = inode.Size;
        inode.Size = size;
        inode.DataVersion++;
        inode.ModifyTime = inode.ChangeTime;
        if (size >= old || (inode.Flags & InodeFlags.Cutting) != 0) return;

        var budget = ReclaimMutation.ExtentsAtOnceMax;
        if (ExtentRows.Clear(context, node.Inode, ref inode, size, long.MaxValue, ref budget, []) == long.MaxValue)
            return;

        inode.Flags |= InodeFlags.Cutting;
        ReclaimMutation.Mark(context, node.Inode);
    }

    private static long TimeOf(TimeChange change, in Inode inode) =>
        change.Kind == TimeChangeKind.ClientTime ? change.Time.Nanoseconds : inode.ChangeTime;

    private ChangeResult Answer(FileStatus status, in AttributesBefore before, in Inode inode) => new()
    {
        Status = status,
        Node = new NodeChange(before, Tree.Describe(node.Inode, inode)),
        Directory = Directory,
    };
}
