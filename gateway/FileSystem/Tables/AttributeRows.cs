using System.Buffers.Binary;
using System.Text;
using Gateway.Replication.Rows;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Tables;

/// <summary>The extended attributes of nodes, all of one in one row.</summary>
/// <remarks>
/// <code>
/// 'A' | inode BE     0x01 | { flags (1) | name bytes (1) | value bytes LE (2) | name | value } ...
/// </code>
/// </remarks>
internal static class AttributeRows
{
    private const byte Version = 1;
    private const int HeadBytes = 1 + 1 + 2;

    public static IReadOnlyList<ExtendedAttribute> Get(IRowReader rows, ulong number)
    {
        Span<byte> key = stackalloc byte[RowKeys.OneNumberBytes];
        if (!rows.TryGet(RowKeys.One(key, RowKeys.ExtendedAttributesPrefix, number), out var row)) return [];
        if (row.IsEmpty || row[0] != Version) throw new InvalidDataException("An extended attributes row is malformed.");

        // One copy that all names and values point into.
        ReadOnlyMemory<byte> rest = row[1..].ToArray();
        var found = new List<ExtendedAttribute>();
        while (!rest.IsEmpty)
        {
            var head = rest.Span;
            if (head.Length < HeadBytes) throw new InvalidDataException("An extended attributes row is malformed.");
            var nameBytes = head[1];
            var valueBytes = BinaryPrimitives.ReadUInt16LittleEndian(head[2..]);
            if (head.Length < HeadBytes + nameBytes + valueBytes)
                throw new InvalidDataException("An extended attributes row is malformed.");

            found.Add(new ExtendedAttribute(
                head[0], rest.Slice(HeadBytes, nameBytes), rest.Slice(HeadBytes + nameBytes, valueBytes)));
            rest = rest[(HeadBytes + nameBytes + valueBytes)..];
        }

        return found;
    }

    /// <summary>Puts all attributes of a node, and what they take into the inode, which the caller puts.</summary>
    public static void Put(
        MutationContext rows, ulong number, ref Inode inode, IReadOnlyList<ExtendedAttribute> attributes)
    {
        if (attributes.Count == 0 && inode.ExtendedAttributeBytes == 0) return;

        Span<byte> buffer = stackalloc byte[RowKeys.OneNumberBytes];
        var key = RowKeys.One(buffer, RowKeys.ExtendedAttributesPrefix, number);
        inode.ExtendedAttributeBytes = BytesOf(attributes);
        if (attributes.Count == 0)
        {
            rows.Delete(key);
            return;
        }

        var row = new byte[inode.ExtendedAttributeBytes];
        row[0] = Version;
        var at = 1;
        foreach (var attribute in attributes)
        {
            row[at] = attribute.Flags;
            row[at + 1] = (byte)attribute.Name.Length;
            BinaryPrimitives.WriteUInt16LittleEndian(row.AsSpan(at + 2), (ushort)attribute.Value.Length);
            attribute.Name.Span.CopyTo(row.AsSpan(at + HeadBytes));
            at += HeadBytes + attribute.Name.Length;
            attribute.Value.Span.CopyTo(row.AsSpan(at));
            at += attribute.Value.Length;
        }

        rows.Put(key, row.AsSpan(0, at));
    }

    /// <summary>What attributes take as OS/2 counts them; 0 for none.</summary>
    public static uint BytesOf(IReadOnlyList<ExtendedAttribute> attributes)
    {
        if (attributes.Count == 0) return 0;

        var bytes = 4L;
        foreach (var attribute in attributes) bytes += 5 + attribute.Name.Length + attribute.Value.Length;
        return (uint)bytes;
    }

    /// <summary>Ok, or why a list cannot be set.</summary>
    public static FileStatus Check(IReadOnlyList<ExtendedAttribute> attributes)
    {
        foreach (var attribute in attributes)
        {
            if (attribute.Name.Length is 0 or > FileSystemLimits.ExtendedAttributeNameBytesMax)
                return FileStatus.InvalidArgument;
            if (attribute.Value.Length > ushort.MaxValue) return FileStatus.ExtendedAttributesTooLarge;
        }

        return FileStatus.Ok;
    }

    /// <summary>Sets some of the attributes; an empty value takes one away.</summary>
    public static List<ExtendedAttribute> Merge(
        IReadOnlyList<ExtendedAttribute> present, IReadOnlyList<ExtendedAttribute> changes)
    {
        var merged = new List<ExtendedAttribute>(present);
        foreach (var change in changes)
        {
            var at = merged.FindIndex(known => AreEqual(known.Name.Span, change.Name.Span));
            if (change.Value.IsEmpty)
            {
                if (at >= 0) merged.RemoveAt(at);
            }
            else if (at >= 0)
            {
                merged[at] = change with { Name = merged[at].Name };
            }
            else
            {
                merged.Add(change);
            }
        }

        return merged;
    }

    /// <summary>Names with other bytes than ASCII are compared byte for byte.</summary>
    private static bool AreEqual(ReadOnlySpan<byte> one, ReadOnlySpan<byte> other) =>
        one.SequenceEqual(other) || Ascii.EqualsIgnoreCase(one, other);
}
