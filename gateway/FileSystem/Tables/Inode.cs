using System.Buffers.Binary;

namespace Gateway.FileSystem.Tables;

/// <summary>
/// The row of a node: 96 bytes, with three words whose meaning depends on the type; 4 more when there are extended
/// attributes; 20 more, those among them, when a time is beyond 64 bits or a change time was declared (<see cref="InodeTimes"/>).
/// </summary>
internal struct Inode
{
    public const int BytesMax = BytesWithAttributes + InodeTimes.Bytes;

    private const int Bytes = 96;
    private const int BytesWithAttributes = Bytes + 4;

    private const byte Version = 1;

    private long _changeTime;
    private ulong _word0;
    private ulong _word1;
    private ulong _word2;

    public NodeType Type;
    public InodeFlags Flags;
    public ushort Mode;
    public DosAttributes Dos;
    public uint Generation;
    public uint Uid;
    public uint Gid;
    public uint Links;
    public long Size;
    public long Used;
    public Int128 AccessTime;
    public Int128 ModifyTime;
    public Int128 BirthTime;

    /// <summary>
    /// What a client declared as the time of the last change; null when there was a change since, by which it is void.
    /// </summary>
    public Int128? DeclaredChangeTime;

    /// <summary>Size of the extended attributes as OS/2 counts it; 0 when there are none.</summary>
    public uint ExtendedAttributeBytes;

    /// <summary>Of the clock, whatever clients declare.</summary>
    public long ChangeTime
    {
        readonly get => _changeTime;
        set
        {
            if (value != _changeTime) DeclaredChangeTime = null;
            _changeTime = value;
        }
    }

    /// <summary>Directories: where ".." leads.</summary>
    public ulong Parent
    {
        readonly get => _word0;
        set => _word0 = value;
    }

    /// <summary>Directories: number of entries, so that emptiness needs no search.</summary>
    public ulong Entries
    {
        readonly get => _word1;
        set => _word1 = value;
    }

    /// <summary>Directories: cookie of the next entry; never goes back.</summary>
    public ulong NextCookie
    {
        readonly get => _word2;
        set => _word2 = value;
    }

    /// <summary>Files made exclusively: the creator's verifier.</summary>
    public ulong CreateVerifier
    {
        readonly get => _word0;
        set => _word0 = value;
    }

    /// <summary>Named streams: the file they are of.</summary>
    public ulong StreamOf
    {
        readonly get => _word0;
        set => _word0 = value;
    }

    /// <summary>Files: bytes in inline extents. With more than a few the file has a J row.</summary>
    public ulong InlineBytes
    {
        readonly get => _word1;
        set => _word1 = value;
    }

    /// <summary>Files: grows with every change of the extents; stamps inline extents.</summary>
    public ulong DataVersion
    {
        readonly get => _word2;
        set => _word2 = value;
    }

    public DeviceNumber Device
    {
        readonly get => new((uint)(_word0 >> 32), (uint)(_word0 & uint.MaxValue));
        set => _word0 = ((ulong)value.Major << 32) | value.Minor;
    }

    public readonly bool IsDirectory => Type == NodeType.Directory;

    public readonly bool IsFile => Type == NodeType.File;

    public readonly bool IsStream => (Flags & InodeFlags.IsStream) != 0;

    /// <summary>The generation of a node made at a moment of the volume's clock, in nanoseconds.</summary>
    public static uint GenerationAt(long clock) => unchecked((uint)(clock >> 10));

    public static Inode Read(ReadOnlySpan<byte> row)
    {
        var hasTimes = row.Length == BytesMax;
        if (row.Length is not (Bytes or BytesWithAttributes or BytesMax) || row[0] != Version || row[3] != (hasTimes ? 1 : 0))
            throw new InvalidDataException($"An inode row of {row.Length} bytes is malformed or of a newer version.");

        var inode = new Inode
        {
            Type = (NodeType)row[1],
            Flags = (InodeFlags)row[2],
            Mode = BinaryPrimitives.ReadUInt16LittleEndian(row[4..]),
            Dos = (DosAttributes)BinaryPrimitives.ReadUInt16LittleEndian(row[6..]),
            Generation = BinaryPrimitives.ReadUInt32LittleEndian(row[8..]),
            Uid = BinaryPrimitives.ReadUInt32LittleEndian(row[12..]),
            Gid = BinaryPrimitives.ReadUInt32LittleEndian(row[16..]),
            Links = BinaryPrimitives.ReadUInt32LittleEndian(row[20..]),
            Size = BinaryPrimitives.ReadInt64LittleEndian(row[24..]),
            Used = BinaryPrimitives.ReadInt64LittleEndian(row[32..]),
            AccessTime = BinaryPrimitives.ReadInt64LittleEndian(row[40..]),
            ModifyTime = BinaryPrimitives.ReadInt64LittleEndian(row[48..]),
            ChangeTime = BinaryPrimitives.ReadInt64LittleEndian(row[56..]),
            BirthTime = BinaryPrimitives.ReadInt64LittleEndian(row[64..]),
            _word0 = BinaryPrimitives.ReadUInt64LittleEndian(row[72..]),
            _word1 = BinaryPrimitives.ReadUInt64LittleEndian(row[80..]),
            _word2 = BinaryPrimitives.ReadUInt64LittleEndian(row[88..]),
            ExtendedAttributeBytes = row.Length == Bytes ? 0 : BinaryPrimitives.ReadUInt32LittleEndian(row[Bytes..]),
        };
        if (hasTimes) InodeTimes.Read(row[BytesWithAttributes..], ref inode);
        return inode;
    }

    /// <summary>Writes the row and tells its length.</summary>
    public readonly int Write(Span<byte> row)
    {
        row[0] = Version;
        row[1] = (byte)Type;
        row[2] = (byte)Flags;
        row[3] = InodeTimes.AreNeeded(this) ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt16LittleEndian(row[4..], Mode);
        BinaryPrimitives.WriteUInt16LittleEndian(row[6..], (ushort)Dos);
        BinaryPrimitives.WriteUInt32LittleEndian(row[8..], Generation);
        BinaryPrimitives.WriteUInt32LittleEndian(row[12..], Uid);
        BinaryPrimitives.WriteUInt32LittleEndian(row[16..], Gid);
        BinaryPrimitives.WriteUInt32LittleEndian(row[20..], Links);
        BinaryPrimitives.WriteInt64LittleEndian(row[24..], Size);
        BinaryPrimitives.WriteInt64LittleEndian(row[32..], Used);
        BinaryPrimitives.WriteInt64LittleEndian(row[40..], unchecked((long)AccessTime));
        BinaryPrimitives.WriteInt64LittleEndian(row[48..], unchecked((long)ModifyTime));
        BinaryPrimitives.WriteInt64LittleEndian(row[56..], ChangeTime);
        BinaryPrimitives.WriteInt64LittleEndian(row[64..], unchecked((long)BirthTime));
        BinaryPrimitives.WriteUInt64LittleEndian(row[72..], _word0);
        BinaryPrimitives.WriteUInt64LittleEndian(row[80..], _word1);
        BinaryPrimitives.WriteUInt64LittleEndian(row[88..], _word2);
        if (ExtendedAttributeBytes == 0 && row[3] == 0) return Bytes;

        BinaryPrimitives.WriteUInt32LittleEndian(row[Bytes..], ExtendedAttributeBytes);
        if (row[3] == 0) return BytesWithAttributes;

        InodeTimes.Write(row[BytesWithAttributes..], this);
        return BytesMax;
    }

    /// <summary>Stamps a change of attributes: the change time always grows.</summary>
    /// <param name="clock">The record clock.</param>
    /// <param name="keepsDeclared">What clients were told as the change time stays what they are told.</param>
    public void Touch(long clock, bool keepsDeclared = false) =>
        StampChange(clock > ChangeTime ? clock : ChangeTime + 1, keepsDeclared);

    /// <summary>Stamps a change with a time that was shown for it already.</summary>
    public void StampChange(long time, bool keepsDeclared)
    {
        var told = DeclaredChangeTime ?? ChangeTime;
        ChangeTime = time;
        if (keepsDeclared) DeclaredChangeTime = told;
    }

    /// <summary>Stamps a change of content.</summary>
    public void TouchContent(long clock, bool keepsDeclared = false)
    {
        Touch(clock, keepsDeclared);
        ModifyTime = ChangeTime;
        if (IsFile) Dos |= DosAttributes.Archive;
    }

    public readonly AttributesBefore Before() => new(Size, new Timestamp(ModifyTime), new Timestamp(ChangeTime));

    public readonly NodeAttributes Describe(ulong inode, ulong fileSystemId, Timestamp? heldModifyTime = null) => new()
    {
        Node = new NodeId(inode, Generation),
        Type = Type,
        Mode = Mode,
        Links = Links,
        Uid = Uid,
        Gid = Gid,
        Size = Size,
        Used = Used,
        Device = Type is NodeType.BlockDevice or NodeType.CharacterDevice ? Device : default,
        FileSystemId = fileSystemId,
        AccessTime = new Timestamp(AccessTime),
        ModifyTime = new Timestamp(ModifyTime),
        HeldModifyTime = heldModifyTime,
        ChangeTime = new Timestamp(ChangeTime),
        DeclaredChangeTime = DeclaredChangeTime is { } declared ? new Timestamp(declared) : null,
        BirthTime = new Timestamp(BirthTime),
        Dos = Dos,
        ExtendedAttributeBytes = ExtendedAttributeBytes,
        HasStreams = (Flags & InodeFlags.HasStreams) != 0,
        HasDescriptor = (Flags & InodeFlags.HasDescriptor) != 0,
        IsStream = IsStream,
    };

    /// <summary>Of a named stream: what it has of its own, and the rest of its file.</summary>
    public readonly NodeAttributes DescribeStream(ulong inode, in Inode file, ulong fileSystemId) =>
        file.Describe(inode, fileSystemId) with
        {
            Node = new NodeId(inode, Generation),
            Type = NodeType.File,
            Size = Size,
            Used = Used,
            Device = default,
            IsStream = true,
        };
}

[Flags]
internal enum InodeFlags : byte
{
    None = 0,

    /// <summary>Made by an exclusive create; <see cref="Inode.CreateVerifier"/> counts.</summary>
    HasVerifier = 1,

    /// <summary>
    /// Extents beyond the size are still being removed, after a truncation too large for one mutation. They must be
    /// gone before the file may grow again.
    /// </summary>
    Cutting = 2,

    /// <summary>Somebody locked or reserved it once: its removal looks for lock rows.</summary>
    WasLocked = 4,

    /// <summary>There are <c>E</c> rows.</summary>
    HasStreams = 8,

    /// <summary>There is a <c>Z</c> row.</summary>
    HasDescriptor = 16,

    /// <summary>A named stream: no name leads to it, <see cref="Inode.StreamOf"/> counts.</summary>
    IsStream = 32,

    /// <summary>The last name was removed while somebody had it open; there is a <c>U</c> row.</summary>
    IsUnnamed = 64,
}
