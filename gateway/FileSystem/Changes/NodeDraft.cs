using Gateway.FileSystem.Security;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Changes;

/// <summary>What a new node will be, whatever its name.</summary>
internal sealed class NodeDraft(NodeType type, AttributeChanges changes)
{
    private const ushort FileModeDefault = 0x180;
    private const ushort DirectoryModeDefault = 0x1C0;
    private const ushort LinkMode = 0x1FF;

    public NodeType Type => type;

    public AttributeChanges Changes => changes;

    public DeviceNumber Device { get; init; }

    /// <summary>Symbolic links only.</summary>
    public byte[] Target { get; init; } = [];

    public IReadOnlyList<ExtendedAttribute> ExtendedAttributes { get; init; } = [];

    /// <summary>Name of a stream to go with it; empty for none.</summary>
    public byte[] Stream { get; init; } = [];

    /// <summary>Self-relative; the attributes are in accordance with it.</summary>
    public byte[]? Descriptor { get; init; }

    /// <summary>Without a mode given, the directory's counts.</summary>
    public bool InheritsMode { get; init; }

    /// <summary>The inode as it will be in a directory.</summary>
    public Inode In(ulong directory, in Inode parent, in Caller caller, long clock)
    {
        var inode = new Inode
        {
            Type = type,
            Generation = Inode.GenerationAt(clock),
            Uid = changes.Uid ?? caller.Uid,
            Gid = changes.Gid ?? ((parent.Mode & Permissions.SetGid) != 0 ? parent.Gid : caller.Gid),
            Links = 1,
            AccessTime = TimeOf(changes.AccessTime, clock),
            ModifyTime = TimeOf(changes.ModifyTime, clock),
            ChangeTime = clock,
            BirthTime = TimeOf(changes.BirthTime, clock),
            Dos = changes.Dos ?? DosAttributes.None,
        };
        inode.Mode = ModeOf(parent, caller, inode.Gid);
        if (type == NodeType.SymbolicLink) inode.Size = inode.Used = Target.Length;
        if (type == NodeType.Directory)
        {
            inode.Links = 2;
            inode.Size = inode.Used = NodeSizes.DirectoryBytes;
            inode.Parent = directory;
            inode.NextCookie = FileSystemLimits.FirstEntryCookie;
        }

        if (type == NodeType.File && changes.Size is { } size) inode.Size = size;
        if (type is NodeType.BlockDevice or NodeType.CharacterDevice) inode.Device = Device;
        return inode;
    }

    /// <summary>Puts the node and what it has beside its inode; its stream gets the next number.</summary>
    public void Put(MutationContext context, ulong number, ref Inode inode)
    {
        if (Stream.Length > 0) StreamRows.Make(context, number, ref inode, number + 1, Stream);
        AttributeRows.Put(context, number, ref inode, ExtendedAttributes);
        if (Descriptor is not null) DescriptorRows.Put(context, number, ref inode, Descriptor);
        NodeRows.Put(context, number, inode);
        if (type != NodeType.SymbolicLink) return;

        Span<byte> key = stackalloc byte[RowKeys.OneNumberBytes];
        context.Put(RowKeys.One(key, RowKeys.TargetPrefix, number), Target);
    }

    private ushort ModeOf(in Inode parent, in Caller caller, uint gid)
    {
        if (type == NodeType.SymbolicLink) return LinkMode;

        var mode = (ushort)((changes.Mode ?? ModeDefault(parent)) & Permissions.All);
        if (type == NodeType.Directory)
            return (ushort)(mode | (parent.Mode & Permissions.SetGid));

        return caller.IsRoot || caller.IsMember(gid) ? mode : (ushort)(mode & ~Permissions.SetGid);
    }

    private uint ModeDefault(in Inode parent)
    {
        if (InheritsMode) return ModeMapping.Inherited(parent.Mode, type == NodeType.Directory);
        return type == NodeType.Directory ? DirectoryModeDefault : FileModeDefault;
    }

    private static Int128 TimeOf(TimeChange change, long clock) =>
        change.Kind == TimeChangeKind.ClientTime ? change.Time.Nanoseconds : clock;
}

internal static class NodeSizes
{
    /// <summary>Directories say one size always, as their rows are not theirs to count.</summary>
    public const long DirectoryBytes = 4096;
}
