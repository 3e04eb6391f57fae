using System.Buffers.Binary;
using System.Text;
using Gateway.FileSystem.Opens;
using Gateway.FileSystem.Security;

namespace Gateway.FileSystem.Tables;

/// <summary>A persistent open as its row has it.</summary>
/// <remarks>
/// <code>
///   0 version=1   1 node type   2 action   3 oplock (0xFF: lease)   4 share modes   5 flags
///   6 share bytes   7 name bytes   8 stream bytes   9 zero (3)
///  12 access   16 options   20 timeout (ms)   24 uid   28 gid
///  32 file (12)   44 content (12)   56 root (12)   68 directory (12): inode, generation
///  80 ClientGuid (16)   96 CreateGuid (16)   112 lease key (16)   128 application (16)
/// 144 share | name | stream
/// </code>
/// </remarks>
internal sealed record OpenRecord
{
    public const int BytesMax = HeadBytes + PersistentGrant.ShareBytesMax + 2 * FileSystemLimits.NameBytesMax;

    private const byte Version = 1;
    private const int HeadBytes = 144;
    private const byte DeletePendingFlag = 1;
    private const byte ApplicationFlag = 2;

    public required PersistentGrant Grant { get; init; }

    public required NodeType Type { get; init; }

    public required OpenAction Action { get; init; }

    /// <summary><see cref="OplockLevel.Lease"/> when <see cref="LeaseKey"/> counts.</summary>
    public required OplockLevel Oplock { get; init; }

    public required ShareModes Share { get; init; }

    public required AccessMask Access { get; init; }

    public required OpenOptions Options { get; init; }

    /// <summary>The name it came by, or its stream, goes with its last open.</summary>
    public required bool DeletePending { get; init; }

    /// <summary>Whose open it is.</summary>
    public required uint Uid { get; init; }

    public required uint Gid { get; init; }

    public required NodeId File { get; init; }

    /// <summary>The file itself, or a stream of it.</summary>
    public required NodeId Content { get; init; }

    /// <summary>The directory its path starts from.</summary>
    public required NodeId Root { get; init; }

    public required NodeId Directory { get; init; }

    public required byte[] Name { get; init; }

    /// <summary>Empty for the main content.</summary>
    public required byte[] Stream { get; init; }

    public required Guid Client { get; init; }

    public Guid LeaseKey { get; init; }

    /// <summary>Null for what is no record of this version.</summary>
    /// <param name="id">From the row's key.</param>
    /// <param name="row">The value.</param>
    public static OpenRecord? Read(ulong id, ReadOnlySpan<byte> row)
    {
        if (row.Length < HeadBytes || row[0] != Version) return null;

        int share = row[6], name = row[7], stream = row[8];
        if (row.Length != HeadBytes + share + name + stream) return null;
        return new OpenRecord
        {
            Grant = new PersistentGrant
            {
                Id = id,
                CreateGuid = new Guid(row.Slice(96, 16)),
                Share = Encoding.UTF8.GetString(row.Slice(HeadBytes, share)),
                Timeout = TimeSpan.FromMilliseconds(BinaryPrimitives.ReadUInt32LittleEndian(row[20..])),
                Application = (row[5] & ApplicationFlag) != 0 ? new Guid(row.Slice(128, 16)) : null,
            },
            Type = (NodeType)row[1],
            Action = (OpenAction)row[2],
            Oplock = (OplockLevel)row[3],
            Share = (ShareModes)row[4],
            DeletePending = (row[5] & DeletePendingFlag) != 0,
            Access = (AccessMask)BinaryPrimitives.ReadUInt32LittleEndian(row[12..]),
            Options = (OpenOptions)BinaryPrimitives.ReadUInt32LittleEndian(row[16..]),
            Uid = BinaryPrimitives.ReadUInt32LittleEndian(row[24..]),
            Gid = BinaryPrimitives.ReadUInt32LittleEndian(row[28..]),
            File = ReadNode(row[32..]),
            Content = ReadNode(row[44..]),
            Root = ReadNode(row[56..]),
            Directory = ReadNode(row[68..]),
            Client = new Guid(row.Slice(80, 16)),
            LeaseKey = new Guid(row.Slice(112, 16)),
            Name = row.Slice(HeadBytes + share, name).ToArray(),
            Stream = row[(HeadBytes + share + name)..].ToArray(),
        };
    }

    /// <summary>Writes the value into a buffer of <see cref="BytesMax"/> and returns its length.</summary>
    public int Write(Span<byte> row)
    {
        row[..HeadBytes].Clear();
        var share = Encoding.UTF8.GetBytes(Grant.Share, row.Slice(HeadBytes, PersistentGrant.ShareBytesMax));
        row[0] = Version;
        row[1] = (byte)Type;
        row[2] = (byte)Action;
        row[3] = (byte)Oplock;
        row[4] = (byte)Share;
        row[5] = (byte)((DeletePending ? DeletePendingFlag : 0) | (Grant.Application is null ? 0 : ApplicationFlag));
        row[6] = (byte)share;
        row[7] = (byte)Name.Length;
        row[8] = (byte)Stream.Length;
        BinaryPrimitives.WriteUInt32LittleEndian(row[12..], (uint)Access);
        BinaryPrimitives.WriteUInt32LittleEndian(row[16..], (uint)Options);
        BinaryPrimitives.WriteUInt32LittleEndian(row[20..], (uint)Grant.Timeout.TotalMilliseconds);
        BinaryPrimitives.WriteUInt32LittleEndian(row[24..], Uid);
        BinaryPrimitives.WriteUInt32LittleEndian(row[28..], Gid);
        WriteNode(row[32..], File);
        WriteNode(row[44..], Content);
        WriteNode(row[56..], Root);
        WriteNode(row[68..], Directory);
        Client.TryWriteBytes(row[80..]);
        Grant.CreateGuid.TryWriteBytes(row[96..]);
        LeaseKey.TryWriteBytes(row[112..]);
        (Grant.Application ?? Guid.Empty).TryWriteBytes(row[128..]);
        Name.CopyTo(row[(HeadBytes + share)..]);
        Stream.CopyTo(row[(HeadBytes + share + Name.Length)..]);
        return HeadBytes + share + Name.Length + Stream.Length;
    }

    private static NodeId ReadNode(ReadOnlySpan<byte> row) =>
        new(BinaryPrimitives.ReadUInt64LittleEndian(row), BinaryPrimitives.ReadUInt32LittleEndian(row[8..]));

    private static void WriteNode(Span<byte> row, NodeId node)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(row, node.Inode);
        BinaryPrimitives.WriteUInt32LittleEndian(row[8..], node.Generation);
    }
}
