using System.Buffers.Binary;
using Gateway.FileSystem.Names;
using Gateway.Replication.Rows;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Tables;

/// <summary>The named streams of files and directories.</summary>
/// <remarks>
/// <code>
/// 'E' | inode BE | folded name     0x01 | inode of the stream LE | name
/// </code>
/// </remarks>
internal static class StreamRows
{
    private const byte Version = 1;
    private const int HeadBytes = 1 + 8;

    /// <summary>Files and directories may have streams; their streams may not.</summary>
    public static bool AreAllowed(in Inode inode) => (inode.IsFile || inode.IsDirectory) && !inode.IsStream;

    public static bool TryGet(IRowReader rows, ulong file, ReadOnlySpan<byte> name, out StreamLink link)
    {
        Span<byte> buffer = stackalloc byte[CaseFolding.FoldedBytesMax];
        Span<byte> key = stackalloc byte[RowKeys.StreamBytesMax];
        var found = rows.TryGet(RowKeys.Stream(key, file, CaseFolding.Fold(name, buffer)), out var row);
        link = found ? Read(row) : default;
        return found;
    }

    public static void Put(MutationContext rows, ulong file, in StreamLink link)
    {
        Span<byte> buffer = stackalloc byte[CaseFolding.FoldedBytesMax];
        Span<byte> key = stackalloc byte[RowKeys.StreamBytesMax];
        Span<byte> row = stackalloc byte[HeadBytes + FileSystemLimits.NameBytesMax];
        row[0] = Version;
        BinaryPrimitives.WriteUInt64LittleEndian(row[1..], link.Inode);
        link.Name.CopyTo(row[HeadBytes..]);
        rows.Put(
            RowKeys.Stream(key, file, CaseFolding.Fold(link.Name, buffer)), row[..(HeadBytes + link.Name.Length)]);
    }

    /// <summary>Makes an empty stream and sets the flag of the file, which the caller puts.</summary>
    public static Inode Make(MutationContext rows, ulong file, ref Inode inode, ulong number, byte[] name)
    {
        var clock = rows.ClockNanoseconds;
        var stream = new Inode
        {
            Type = NodeType.File,
            Flags = InodeFlags.IsStream,
            Generation = Inode.GenerationAt(clock),
            Links = 1,
            StreamOf = file,
            AccessTime = clock,
            ModifyTime = clock,
            ChangeTime = clock,
            BirthTime = clock,
        };
        NodeRows.Put(rows, number, stream);
        Put(rows, file, new StreamLink(number, name));
        inode.Flags |= InodeFlags.HasStreams;
        return stream;
    }

    public static void Delete(MutationContext rows, ulong file, ReadOnlySpan<byte> name)
    {
        Span<byte> buffer = stackalloc byte[CaseFolding.FoldedBytesMax];
        Span<byte> key = stackalloc byte[RowKeys.StreamBytesMax];
        rows.Delete(RowKeys.Stream(key, file, CaseFolding.Fold(name, buffer)));
    }

    /// <summary>All streams of a file, in the order of their folded names; a file has a bounded number.</summary>
    public static List<StreamLink> List(IRowReader rows, ulong file)
    {
        var found = new List<StreamLink>();
        Span<byte> key = stackalloc byte[RowKeys.OneNumberBytes];
        using var cursor = rows.OpenCursor();
        for (var more = cursor.Seek(RowKeys.One(key, RowKeys.StreamPrefix, file)); more; more = cursor.MoveNext())
        {
            if (!RowKeys.HasPrefix(cursor.Key, RowKeys.StreamPrefix, file)) break;
            found.Add(Read(cursor.Value));
        }

        return found;
    }

    /// <summary>The content of a stream changed: that is a change of its file.</summary>
    public static void TouchFile(MutationContext rows, in Inode stream, bool keepsDeclared)
    {
        if (!NodeRows.TryGet(rows, stream.StreamOf, out var file)) throw new InvalidDataException("A stream has no file.");
        file.TouchContent(rows.ClockNanoseconds, keepsDeclared);
        NodeRows.Put(rows, stream.StreamOf, file);
    }

    private static StreamLink Read(ReadOnlySpan<byte> row)
    {
        if (row.Length <= HeadBytes || row[0] != Version) throw new InvalidDataException("A stream row is malformed.");
        return new StreamLink(BinaryPrimitives.ReadUInt64LittleEndian(row[1..]), row[HeadBytes..].ToArray());
    }
}

/// <summary>What a stream row says.</summary>
internal readonly record struct StreamLink(ulong Inode, byte[] Name);
