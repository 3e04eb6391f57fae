using Gateway.FileSystem;
using Gateway.Protocol.Smb2;

namespace Gateway.Smb;

/// <summary>Attributes of a node as SMB shows them (MS-FSCC 2.4, 2.6), in CREATE, CLOSE, QUERY_INFO and listings alike.</summary>
internal static class SmbAttributes
{
    /// <summary>Of a cluster, the unit in which sizes on disk and free space are told.</summary>
    public const int ClusterBytes = 4096;

    /// <summary>IO_REPARSE_TAG_SYMLINK (MS-FSCC 2.1.2.1).</summary>
    public const uint SymbolicLinkTag = 0xA000000C;

    private const ushort FifoMode = 0x1000;
    private const ushort CharacterDeviceMode = 0x2000;
    private const ushort DirectoryMode = 0x4000;
    private const ushort BlockDeviceMode = 0x6000;
    private const ushort FileMode = 0x8000;
    private const ushort SymbolicLinkMode = 0xA000;
    private const ushort SocketMode = 0xC000;

    /// <summary>FILE_ATTRIBUTE_NORMAL stands for none, and never beside another.</summary>
    public static Smb2FileAttributes ToSmb(this in NodeAttributes attributes)
    {
        // The stored bits are those of the wire.
        var shown = (Smb2FileAttributes)attributes.Dos;
        if (attributes.Type == NodeType.Directory) shown |= Smb2FileAttributes.Directory;
        if (attributes.Type == NodeType.SymbolicLink) shown |= Smb2FileAttributes.ReparsePoint;
        return shown == Smb2FileAttributes.None ? Smb2FileAttributes.Normal : shown;
    }

    /// <summary>The bits that a client may set; what the node is does not change by them.</summary>
    public static DosAttributes ToDos(this Smb2FileAttributes attributes) =>
        (DosAttributes)(attributes & Smb2FileAttributes.Settable);

    /// <summary>Zero when the node is no reparse point.</summary>
    public static uint ReparseTag(this in NodeAttributes attributes) =>
        attributes.Type == NodeType.SymbolicLink ? SymbolicLinkTag : 0;

    /// <summary>Zero for a directory, and for a link, whose target is no content.</summary>
    public static long EndOfFile(this in NodeAttributes attributes) =>
        attributes.Type is NodeType.Directory or NodeType.SymbolicLink ? 0 : attributes.Size;

    /// <summary>What the content occupies, holes not counted, or shall while it is open, in whole clusters.</summary>
    public static long AllocationSize(this in NodeAttributes attributes) => attributes.Type == NodeType.File
        ? (Math.Max(attributes.Used, attributes.ReservedBytes) + ClusterBytes - 1) & -ClusterBytes
        : 0;

    /// <summary>Directories have one name here, whatever POSIX counts.</summary>
    public static uint ShownLinks(this in NodeAttributes attributes) =>
        attributes.Type == NodeType.Directory ? 1 : attributes.Links;

    /// <summary>
    /// What a client set last, while nothing changed since (MS-FSCC 2.4.7, ChangeTime); else what POSIX has.
    /// </summary>
    public static Timestamp ShownChangeTime(this in NodeAttributes attributes) =>
        attributes.DeclaredChangeTime ?? attributes.ChangeTime;

    /// <summary>What open files are shown with while they are being written (MS-FSA 2.1.4.17); else what POSIX has.</summary>
    public static Timestamp ShownModifyTime(this in NodeAttributes attributes) =>
        attributes.HeldModifyTime ?? attributes.ModifyTime;

    public static long ToFileTime(this Timestamp time) => FileTime.FromUnixNanoseconds(time.Nanoseconds);

    /// <summary>A time that a client sets; not for the special values of MS-FSCC 2.4.7.</summary>
    public static Timestamp ToTimestamp(long fileTime) => new(FileTime.ToUnixNanoseconds(fileTime));

    /// <summary>st_mode: the type and the permission bits.</summary>
    public static ushort UnixMode(this in NodeAttributes attributes)
    {
        var type = attributes.Type switch
        {
            NodeType.Directory => DirectoryMode,
            NodeType.SymbolicLink => SymbolicLinkMode,
            NodeType.BlockDevice => BlockDeviceMode,
            NodeType.CharacterDevice => CharacterDeviceMode,
            NodeType.Fifo => FifoMode,
            NodeType.Socket => SocketMode,
            _ => FileMode,
        };
        return (ushort)(type | (attributes.Mode & 0xFFF));
    }
}
