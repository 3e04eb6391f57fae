namespace Gateway.FileSystem;

/// <summary>Attributes of a node as POSIX knows them.</summary>
public readonly record struct NodeAttributes
{
    public required NodeId Node { get; init; }

    public required NodeType Type { get; init; }

    /// <summary>Permission bits, 0 to 07777: set-user-id, set-group-id, sticky and rwxrwxrwx; no type bits.</summary>
    public required uint Mode { get; init; }

    public required uint Links { get; init; }

    public required uint Uid { get; init; }

    public required uint Gid { get; init; }

    /// <summary>Bytes; for a symbolic link the length of the target.</summary>
    public required long Size { get; init; }

    /// <summary>Bytes occupied, holes not counted.</summary>
    public required long Used { get; init; }

    /// <summary>Space that the content was asked to have while it is open; 0 when it was not.</summary>
    public long ReservedBytes { get; init; }

    /// <summary>Only for block and character devices.</summary>
    public required DeviceNumber Device { get; init; }

    /// <summary>Constant per volume, the same on every gateway.</summary>
    public required ulong FileSystemId { get; init; }

    public required Timestamp AccessTime { get; init; }

    public required Timestamp ModifyTime { get; init; }

    /// <summary>What clients with opens are shown in its place while writes through opens go on; null for itself.</summary>
    public Timestamp? HeldModifyTime { get; init; }

    /// <summary>Grows with every change of the node, even within one clock tick.</summary>
    public required Timestamp ChangeTime { get; init; }

    /// <summary>
    /// What a client declared as the change time, while nothing changed since; for protocols in which it can be set.
    /// </summary>
    public Timestamp? DeclaredChangeTime { get; init; }

    public required Timestamp BirthTime { get; init; }

    public DosAttributes Dos { get; init; }

    /// <summary>
    /// What the extended attributes take as OS/2 counts them (MS-FSCC 2.4.12): 0 when there are none, else 4 and for
    /// each one 5 and the bytes of name and value.
    /// </summary>
    public uint ExtendedAttributeBytes { get; init; }

    /// <summary>There are named streams.</summary>
    public bool HasStreams { get; init; }

    /// <summary>A security descriptor is stored; otherwise mode and owner say all.</summary>
    public bool HasDescriptor { get; init; }

    /// <summary>A named stream: size and space are its own, the rest is its file's.</summary>
    public bool IsStream { get; init; }
}

/// <summary>Major and minor number of a device.</summary>
public readonly record struct DeviceNumber(uint Major, uint Minor);

/// <summary>What weak cache consistency needs from before a change (RFC 1813 wcc_attr).</summary>
public readonly record struct AttributesBefore(long Size, Timestamp ModifyTime, Timestamp ChangeTime);

/// <summary>A node around a change; either side is null when it is not known.</summary>
public readonly record struct NodeChange(AttributesBefore? Before, NodeAttributes? After);
