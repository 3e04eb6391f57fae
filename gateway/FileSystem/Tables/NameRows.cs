using System.Buffers.Binary;
using Gateway.FileSystem.Names;
using Gateway.Replication.Rows;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Tables;

/// <summary>
/// What finds a name otherwise than byte for byte: by its folded form, and from the node it leads to.
/// </summary>
/// <remarks>
/// <code>
/// 'F' | directory BE | folded name | 0x00 | cookie BE     0x01 | type (1) | inode LE
/// 'B' | inode BE                                          0x01 | directory LE | cookie LE
/// </code>
/// A name that is its own folded form, as most are, has no <c>F</c> row: its <c>N</c> row finds it. The <c>B</c> row
/// is of the youngest name; once that is removed and others are left, it leads nowhere.
/// </remarks>
internal static class NameRows
{
    private const byte Version = 1;
    private const int FoldedBytes = 1 + 1 + 8;
    private const int OwnBytes = 1 + 8 + 8;

    public static void PutFolded(MutationContext rows, ulong directory, ReadOnlySpan<byte> name, in NameLink link)
    {
        Span<byte> buffer = stackalloc byte[CaseFolding.FoldedBytesMax];
        var folded = CaseFolding.Fold(name, buffer);
        if (folded.SequenceEqual(name)) return;

        Span<byte> key = stackalloc byte[RowKeys.FoldedBytesMax];
        Span<byte> row = stackalloc byte[FoldedBytes];
        row[0] = Version;
        row[1] = (byte)link.Type;
        BinaryPrimitives.WriteUInt64LittleEndian(row[2..], link.Inode);
        rows.Put(RowKeys.Folded(key, directory, folded, link.Cookie), row);
    }

    public static void DeleteFolded(MutationContext rows, ulong directory, ReadOnlySpan<byte> name, in NameLink link)
    {
        Span<byte> buffer = stackalloc byte[CaseFolding.FoldedBytesMax];
        var folded = CaseFolding.Fold(name, buffer);
        if (folded.SequenceEqual(name)) return;

        Span<byte> key = stackalloc byte[RowKeys.FoldedBytesMax];
        rows.Delete(RowKeys.Folded(key, directory, folded, link.Cookie));
    }

    public static void PutOwn(MutationContext rows, ulong directory, in NameLink link)
    {
        Span<byte> key = stackalloc byte[RowKeys.OneNumberBytes];
        Span<byte> row = stackalloc byte[OwnBytes];
        row[0] = Version;
        BinaryPrimitives.WriteUInt64LittleEndian(row[1..], directory);
        BinaryPrimitives.WriteUInt64LittleEndian(row[9..], link.Cookie);
        rows.Put(RowKeys.One(key, RowKeys.OwnNamePrefix, link.Inode), row);
    }

    public static void DeleteOwn(MutationContext rows, ulong number)
    {
        Span<byte> key = stackalloc byte[RowKeys.OneNumberBytes];
        rows.Delete(RowKeys.One(key, RowKeys.OwnNamePrefix, number));
    }

    /// <summary>Finds a name, and how it is written when that is not how it was given.</summary>
    public static bool TryFind(
        IRowReader rows, ulong directory, ReadOnlyMemory<byte> name, NameMatch match, out NameLink link,
        out ReadOnlyMemory<byte> stored)
    {
        stored = name;
        if (NodeRows.TryGetLink(rows, directory, name.Span, out link)) return true;
        return match == NameMatch.IgnoreCase && TryFindFolded(rows, directory, name.Span, out link, out stored);
    }

    /// <summary>The directory and the name by which a node is known; false for a root or when it has none.</summary>
    public static bool TryGetOwn(IRowReader rows, ulong number, out ulong directory, out byte[] name)
    {
        directory = 0;
        name = [];
        Span<byte> key = stackalloc byte[RowKeys.TwoNumbersBytes];
        if (!rows.TryGet(RowKeys.One(key, RowKeys.OwnNamePrefix, number), out var row)) return false;
        if (row.Length != OwnBytes || row[0] != Version) throw new InvalidDataException("An own name row is malformed.");

        directory = BinaryPrimitives.ReadUInt64LittleEndian(row[1..]);
        var cookie = BinaryPrimitives.ReadUInt64LittleEndian(row[9..]);
        if (!rows.TryGet(RowKeys.Two(key, RowKeys.EntryPrefix, directory, cookie), out var entry)) return false;
        if (NodeRows.ReadEntry(entry, out var written).Inode != number) return false;

        name = written.ToArray();
        return true;
    }

    private static bool TryFindFolded(
        IRowReader rows, ulong directory, ReadOnlySpan<byte> name, out NameLink link, out ReadOnlyMemory<byte> stored)
    {
        stored = default;
        Span<byte> buffer = stackalloc byte[CaseFolding.FoldedBytesMax];
        var folded = CaseFolding.Fold(name, buffer);
        link = default;
        var found = folded.Length <= FileSystemLimits.NameBytesMax
            && NodeRows.TryGetLink(rows, directory, folded, out link);
        if (found) stored = folded.ToArray();
        if (!TryGetOldest(rows, directory, folded, out var oldest) || (found && link.Cookie < oldest.Cookie))
            return found;

        link = oldest;
        Span<byte> key = stackalloc byte[RowKeys.TwoNumbersBytes];
        if (!rows.TryGet(RowKeys.Two(key, RowKeys.EntryPrefix, directory, link.Cookie), out var entry))
            throw new InvalidDataException("A folded name leads nowhere.");
        NodeRows.ReadEntry(entry, out var written);
        stored = written.ToArray();
        return true;
    }

    private static bool TryGetOldest(
        IRowReader rows, ulong directory, ReadOnlySpan<byte> folded, out NameLink link)
    {
        link = default;
        Span<byte> key = stackalloc byte[RowKeys.FoldedBytesMax];
        var prefix = RowKeys.Folded(key, directory, folded);
        using var cursor = rows.OpenCursor();
        if (!cursor.Seek(prefix) || !cursor.Key.StartsWith(prefix)) return false;

        var row = cursor.Value;
        if (row.Length != FoldedBytes || row[0] != Version)
            throw new InvalidDataException("A folded name row is malformed.");
        link = new NameLink(
            BinaryPrimitives.ReadUInt64LittleEndian(row[2..]),
            BinaryPrimitives.ReadUInt64BigEndian(cursor.Key[prefix.Length..]),
            (NodeType)row[1]);
        return true;
    }
}
