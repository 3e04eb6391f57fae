using Gateway.FileSystem.Notices;
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

    protected override bool Frees => Shrinks;

    protected override bool Records => !MustReclaim;

    protected override ChangeResult Run(MutationContext context)
    {
        if (!NodeRows.TryGet(context, node, out var inode)) return new ChangeResult { Status = FileStatus.Stale };

        var status = Check(inode);
        if (status != FileStatus.Ok) return Answer(status, inode.Before(), inode);

        MustReclaim = changes.Size > inode.Size && (inode.Flags & InodeFlags.Cutting) != 0;
        if (MustReclaim || changes == default) return Answer(FileStatus.Ok, inode.Before(), inode);

        var before = inode.Before();
        SetOwnerAndMode(context, ref inode);
        inode.Touch(context.ClockNanoseconds, KeepsDeclared);
        if (changes.Size is { } size) SetSize(context, ref inode, size);
        if (changes.Dos is { } dos) inode.Dos = dos;
        if (changes.AccessTime.Kind != TimeChangeKind.Unchanged) inode.AccessTime = TimeOf(changes.AccessTime, inode);
        if (changes.ModifyTime.Kind != TimeChangeKind.Unchanged) inode.ModifyTime = TimeOf(changes.ModifyTime, inode);
        if (changes.BirthTime.Kind != TimeChangeKind.Unchanged) inode.BirthTime = TimeOf(changes.BirthTime, inode);
        if (changes.DeclaredChangeTime is { } declared) inode.DeclaredChangeTime = declared.Nanoseconds;
        NodeRows.Put(context, node.Inode, inode);
        if (inode.IsStream && changes.Size is not null) StreamRows.TouchFile(context, inode, KeepsDeclared);
        TellChange(context, node, inode, Parts());
        return Answer(FileStatus.Ok, before, inode);
    }

    private FileStatus Check(in Inode inode)
    {
        if (guard is { } time && time.Nanoseconds != inode.ChangeTime) return FileStatus.GuardMismatch;

        var owner = Permissions.IsOwner(inode, Caller);
        if (!MaySetOwner(inode)) return FileStatus.NotPermitted;
        if (!owner && IsForOwner()) return FileStatus.NotPermitted;

        var touches = changes.AccessTime.Kind != TimeChangeKind.Unchanged
            || changes.ModifyTime.Kind != TimeChangeKind.Unchanged;
        if (touches && !owner && !Permissions.Allow(inode, Caller, Permissions.Write)) return FileStatus.AccessDenied;

        return changes.Size is { } size ? CheckSize(inode, size) : FileStatus.Ok;
    }

    /// <summary>Is anything to be set that is the owner's?</summary>
    private bool IsForOwner() =>
        changes.Mode is not null
        || changes.AccessTime.Kind == TimeChangeKind.ClientTime
        || changes.ModifyTime.Kind == TimeChangeKind.ClientTime
        || changes.Dos is not null
        || changes.BirthTime.Kind != TimeChangeKind.Unchanged
        || changes.DeclaredChangeTime is not null;

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
        if (Caller.IsUnbound) return true;
        if (changes.Uid is { } uid && (Caller.Uid != inode.Uid || uid != inode.Uid)) return false;
        return changes.Gid is not { } gid || (Caller.Uid == inode.Uid && (gid == inode.Gid || Caller.IsMember(gid)));
    }

    /// <summary>Who sets mode or owner means them to count: an access control list they would contradict goes.</summary>
    private void SetOwnerAndMode(MutationContext context, ref Inode inode)
    {
        var gives = changes.Uid is not null || changes.Gid is not null;
        if (gives || changes.Mode is not null) DescriptorRows.Delete(context, node.Inode, ref inode);
        inode.Uid = changes.Uid ?? inode.Uid;
        inode.Gid = changes.Gid ?? inode.Gid;
        if (changes.Mode is { } mode)
        {
            inode.Mode = (ushort)(mode & Permissions.All);
            if (!Caller.IsUnbound && !Caller.IsMember(inode.Gid)) inode.Mode &= unchecked((ushort)~Permissions.SetGid);
        }
        else if (!inode.IsDirectory && (gives || (changes.Size is not null && !Caller.IsRoot)))
        {
            inode.Mode = Permissions.WithoutPrivileges(inode.Mode);
        }
    }

    private void SetSize(MutationContext context, ref Inode inode, long size)
    {
        ContentCut.SetSize(context, node.Inode, ref inode, size);
        inode.ModifyTime = inode.ChangeTime;
        inode.Dos |= DosAttributes.Archive;
    }

    private ChangedParts Parts()
    {
        var parts = ChangedParts.None;
        if (changes.Size is not null) parts |= ChangedParts.Size | ChangedParts.LastWrite;
        if (changes.Dos is not null) parts |= ChangedParts.Attributes;
        if (changes.Mode is not null || changes.Uid is not null || changes.Gid is not null)
            parts |= ChangedParts.Attributes | ChangedParts.Security;
        if (changes.ModifyTime.Kind != TimeChangeKind.Unchanged) parts |= ChangedParts.LastWrite;
        if (changes.AccessTime.Kind != TimeChangeKind.Unchanged) parts |= ChangedParts.LastAccess;
        if (changes.BirthTime.Kind != TimeChangeKind.Unchanged) parts |= ChangedParts.Creation;
        return parts;
    }

    private static Int128 TimeOf(TimeChange change, in Inode inode) =>
        change.Kind == TimeChangeKind.ClientTime ? change.Time.Nanoseconds : inode.ChangeTime;

    private ChangeResult Answer(FileStatus status, in AttributesBefore before, in Inode inode) => new()
    {
        Status = status,
        Node = new NodeChange(before, Tree.Describe(node.Inode, inode)),
        Directory = Directory,
    };
}
