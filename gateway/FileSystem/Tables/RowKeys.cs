using System.Buffers.Binary;
using Gateway.FileSystem.Names;
using Gateway.Replication.Slices;

namespace Gateway.FileSystem.Tables;

/// <summary>
/// Keys of the file system's rows; the layout is in docs/file-system-rows.md. Numbers are big-endian so that they
/// sort.
/// </summary>
internal static class RowKeys
{
    public const byte InodePrefix = (byte)'I';
    public const byte NamePrefix = (byte)'N';
    public const byte EntryPrefix = (byte)'D';
    public const byte ExtentPrefix = (byte)'C';
    public const byte TargetPrefix = (byte)'K';
    public const byte ReclaimPrefix = (byte)'X';
    public const byte SharedSlicePrefix = (byte)'S';
    public const byte InlinePrefix = (byte)'J';
    public const byte LockPrefix = (byte)'L';
    public const byte LockClientPrefix = (byte)'O';
    public const byte SharePrefix = (byte)'H';
    public const byte MonitorPrefix = (byte)'M';
    public const byte ReplyPrefix = (byte)'R';
    public const byte FoldedPrefix = (byte)'F';
    public const byte OwnNamePrefix = (byte)'B';
    public const byte ExtendedAttributesPrefix = (byte)'A';
    public const byte StreamPrefix = (byte)'E';
    public const byte DescriptorPrefix = (byte)'Z';
    public const byte UnnamedPrefix = (byte)'U';
    public const byte OpenPrefix = (byte)'P';
    public const byte OpenLockPrefix = (byte)'Q';
    public const byte LeasePrefix = (byte)'G';
    public const byte ConnectionPrefix = (byte)'T';

    public const int OneNumberBytes = 1 + 8;
    public const int TwoNumbersBytes = 1 + 8 + 8;
    public const int NameBytesMax = 1 + 8 + FileSystemLimits.NameBytesMax;

    /// <summary>A folded name, a zero, which no name has in it, and a cookie.</summary>
    public const int FoldedBytesMax = 1 + 8 + CaseFolding.FoldedBytesMax + 1 + 8;

    public const int StreamBytesMax = 1 + 8 + CaseFolding.FoldedBytesMax;

    /// <summary>Identity and secrets of the volume.</summary>
    public static ReadOnlySpan<byte> Volume => "V"u8;

    /// <summary>Next inode number and number of nodes.</summary>
    public static ReadOnlySpan<byte> Counters => "#"u8;

    /// <summary>The next block of ids of persistent opens.</summary>
    public static ReadOnlySpan<byte> OpenBlock => "#open"u8;

    /// <summary>State number of NSM.</summary>
    public static ReadOnlySpan<byte> MonitorState => "#nsm"u8;

    public static ReadOnlySpan<byte> One(Span<byte> buffer, byte prefix, ulong number)
    {
        buffer[0] = prefix;
        BinaryPrimitives.WriteUInt64BigEndian(buffer[1..], number);
        return buffer[..OneNumberBytes];
    }

    public static ReadOnlySpan<byte> Two(Span<byte> buffer, byte prefix, ulong first, ulong second)
    {
        buffer[0] = prefix;
        BinaryPrimitives.WriteUInt64BigEndian(buffer[1..], first);
        BinaryPrimitives.WriteUInt64BigEndian(buffer[9..], second);
        return buffer[..TwoNumbersBytes];
    }

    public static ReadOnlySpan<byte> Name(Span<byte> buffer, ulong directory, ReadOnlySpan<byte> name) =>
        Named(buffer, NamePrefix, directory, name);

    public static ReadOnlySpan<byte> Stream(Span<byte> buffer, ulong inode, ReadOnlySpan<byte> folded) =>
        Named(buffer, StreamPrefix, inode, folded);

    /// <summary>All names of a directory with one folded form, the oldest first, begin with this.</summary>
    public static ReadOnlySpan<byte> Folded(Span<byte> buffer, ulong directory, ReadOnlySpan<byte> folded)
    {
        Named(buffer, FoldedPrefix, directory, folded);
        buffer[9 + folded.Length] = 0;
        return buffer[..(9 + folded.Length + 1)];
    }

    public static ReadOnlySpan<byte> Folded(
        Span<byte> buffer, ulong directory, ReadOnlySpan<byte> folded, ulong cookie)
    {
        var length = Folded(buffer, directory, folded).Length;
        BinaryPrimitives.WriteUInt64BigEndian(buffer[length..], cookie);
        return buffer[..(length + 8)];
    }

    private static ReadOnlySpan<byte> Named(Span<byte> buffer, byte prefix, ulong number, ReadOnlySpan<byte> name)
    {
        buffer[0] = prefix;
        BinaryPrimitives.WriteUInt64BigEndian(buffer[1..], number);
        name.CopyTo(buffer[9..]);
        return buffer[..(9 + name.Length)];
    }

    /// <summary>
    /// An extent is found by its end: the first key above an offset is the extent that covers it, or the next one.
    /// </summary>
    public static ReadOnlySpan<byte> Extent(Span<byte> buffer, ulong inode, long end) =>
        Two(buffer, ExtentPrefix, inode, (ulong)end);

    public static ReadOnlySpan<byte> SharedSlice(Span<byte> buffer, SliceId slice) =>
        Two(buffer, SharedSlicePrefix, slice.Epoch, slice.Sequence);

    public static bool HasPrefix(ReadOnlySpan<byte> key, byte prefix) => key.Length > 0 && key[0] == prefix;

    public static bool HasPrefix(ReadOnlySpan<byte> key, byte prefix, ulong number) =>
        key.Length >= OneNumberBytes && key[0] == prefix && FirstNumber(key) == number;

    public static ulong FirstNumber(ReadOnlySpan<byte> key) => BinaryPrimitives.ReadUInt64BigEndian(key[1..]);

    public static ulong SecondNumber(ReadOnlySpan<byte> key) => BinaryPrimitives.ReadUInt64BigEndian(key[9..]);
}
