using System.Buffers.Binary;
using Gateway.Replication.Rows;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Tables;

/// <summary>Reads and writes the rows of nodes and names.</summary>
internal static class NodeRows
{
    private const byte Version = 1;
    private const int LinkBytes = 18;
    private const int EntryHeadBytes = 10;

    public static bool TryGet(IRowReader rows, ulong number, out Inode inode)
    {
        Span<byte> key = stackalloc byte[RowKeys.OneNumberBytes];
        if (!rows.TryGet(RowKeys.One(key, RowKeys.InodePrefix, number), out var row))
        {
            inode = default;
            return false;
        }

        inode = Inode.Read(row);
        return true;
    }

    public static bool TryGet(IRowReader rows, NodeId node, out Inode inode) =>
        TryGet(rows, node.Inode, out inode) && inode.Generation == node.Generation;

    public static void Put(MutationContext rows, ulong number, in Inode inode)
    {
        Span<byte> key = stackalloc byte[RowKeys.OneNumberBytes];
        Span<byte> row = stackalloc byte[Inode.BytesMax];
        rows.Put(RowKeys.One(key, RowKeys.InodePrefix, number), row[..inode.Write(row)]);
    }

    public static bool TryGetLink(IRowReader rows, ulong directory, ReadOnlySpan<byte> name, out NameLink link)
    {
        Span<byte> key = stackalloc byte[RowKeys.NameBytesMax];
        if (!rows.TryGet(RowKeys.Name(key, directory, name), out var row))
        {
            link = default;
            return false;
        }

        if (row.Length != LinkBytes || row[0] != Version) throw new InvalidDataException("A name row is malformed.");
        link = new NameLink(
            BinaryPrimitives.ReadUInt64LittleEndian(row[2..]),
            BinaryPrimitives.ReadUInt64LittleEndian(row[10..]),
            (NodeType)row[1]);
        return true;
    }

    /// <summary>Adds a name. The directory's counts change in <paramref name="parent"/>; the caller puts it.</summary>
    public static void Link(
        MutationContext rows, ulong directory, ref Inode parent, ReadOnlySpan<byte> name, ulong number, NodeType type)
    {
        var link = new NameLink(number, parent.NextCookie++, type);
        parent.Entries++;
        PutLink(rows, directory, name, link);
        NameRows.PutFolded(rows, directory, name, link);
        NameRows.PutOwn(rows, directory, link);
    }

    /// <summary>Gives the node a name leads to another type.</summary>
    public static void ChangeType(
        MutationContext rows, ulong directory, ReadOnlySpan<byte> name, in NameLink link, NodeType type)
    {
        PutLink(rows, directory, name, link with { Type = type });
        NameRows.PutFolded(rows, directory, name, link with { Type = type });
    }

    /// <summary>
    /// Removes a name. The directory's counts change in <paramref name="parent"/>; the caller puts it.
    /// </summary>
    public static void Unlink(
        MutationContext rows, ulong directory, ref Inode parent, ReadOnlySpan<byte> name, in NameLink link)
    {
        parent.Entries--;
        Span<byte> key = stackalloc byte[RowKeys.NameBytesMax];
        rows.Delete(RowKeys.Name(key, directory, name));
        rows.Delete(RowKeys.Two(key, RowKeys.EntryPrefix, directory, link.Cookie));
        NameRows.DeleteFolded(rows, directory, name, link);
    }

    public static (ulong Inode, NodeType Type) ReadEntry(ReadOnlySpan<byte> row, out ReadOnlySpan<byte> name)
    {
        if (row.Length <= EntryHeadBytes || row[0] != Version)
            throw new InvalidDataException("An entry row is malformed.");
        name = row[EntryHeadBytes..];
        return (BinaryPrimitives.ReadUInt64LittleEndian(row[2..]), (NodeType)row[1]);
    }

    private static void PutLink(MutationContext rows, ulong directory, ReadOnlySpan<byte> name, in NameLink link)
    {
        Span<byte> key = stackalloc byte[RowKeys.NameBytesMax];
        Span<byte> row = stackalloc byte[EntryHeadBytes + FileSystemLimits.NameBytesMax];
        row[0] = Version;
        row[1] = (byte)link.Type;
        BinaryPrimitives.WriteUInt64LittleEndian(row[2..], link.Inode);
        BinaryPrimitives.WriteUInt64LittleEndian(row[10..], link.Cookie);
        rows.Put(RowKeys.Name(key, directory, name), row[..LinkBytes]);

        name.CopyTo(row[EntryHeadBytes..]);
        rows.Put(RowKeys.Two(key, RowKeys.EntryPrefix, directory, link.Cookie), row[..(EntryHeadBytes + name.Length)]);
    }

    public static Counters GetCounters(IRowReader rows) =>
        rows.TryGet(RowKeys.Counters, out var row) ? Counters.Read(row) : default;

    public static void PutCounters(MutationContext rows, in Counters counters)
    {
        Span<byte> row = stackalloc byte[Counters.Bytes];
        counters.Write(row);
        rows.Put(RowKeys.Counters, row);
    }
}

/// <summary>What a name row says.</summary>
internal readonly record struct NameLink(ulong Inode, ulong Cookie, NodeType Type);

/// <summary>Counters of the volume.</summary>
internal readonly record struct Counters(ulong NextInode, long Nodes)
{
    public const int Bytes = 17;

    private const byte Version = 1;

    public static Counters Read(ReadOnlySpan<byte> row) =>
        row.Length == Bytes && row[0] == Version
            ? new Counters(
                BinaryPrimitives.ReadUInt64LittleEndian(row[1..]), BinaryPrimitives.ReadInt64LittleEndian(row[9..]))
            : throw new InvalidDataException("The counter row is malformed.");

    public void Write(Span<byte> row)
    {
        row[0] = Version;
        BinaryPrimitives.WriteUInt64LittleEndian(row[1..], NextInode);
        BinaryPrimitives.WriteInt64LittleEndian(row[9..], Nodes);
    }
}
