using Gateway.Replication.Rows;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Tables;

/// <summary>Security descriptors that mode and owner cannot say.</summary>
/// <remarks>
/// <code>
/// 'Z' | inode BE     0x01 | self-relative descriptor, MS-DTYP 2.4.6
/// </code>
/// </remarks>
internal static class DescriptorRows
{
    private const byte Version = 1;

    public static byte[] Get(IRowReader rows, ulong number)
    {
        Span<byte> key = stackalloc byte[RowKeys.OneNumberBytes];
        if (!rows.TryGet(RowKeys.One(key, RowKeys.DescriptorPrefix, number), out var row)
            || row.IsEmpty || row[0] != Version)
        {
            throw new InvalidDataException("A descriptor row is missing or malformed.");
        }

        return row[1..].ToArray();
    }

    /// <summary>The caller puts the inode.</summary>
    public static void Put(MutationContext rows, ulong number, ref Inode inode, ReadOnlySpan<byte> descriptor)
    {
        Span<byte> key = stackalloc byte[RowKeys.OneNumberBytes];
        var row = new byte[1 + descriptor.Length];
        row[0] = Version;
        descriptor.CopyTo(row.AsSpan(1));
        rows.Put(RowKeys.One(key, RowKeys.DescriptorPrefix, number), row);
        inode.Flags |= InodeFlags.HasDescriptor;
    }

    /// <summary>The caller puts the inode.</summary>
    public static void Delete(MutationContext rows, ulong number, ref Inode inode)
    {
        if ((inode.Flags & InodeFlags.HasDescriptor) == 0) return;

        Span<byte> key = stackalloc byte[RowKeys.OneNumberBytes];
        rows.Delete(RowKeys.One(key, RowKeys.DescriptorPrefix, number));
        inode.Flags &= ~InodeFlags.HasDescriptor;
    }
}
