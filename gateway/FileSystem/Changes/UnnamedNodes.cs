using Gateway.FileSystem.Tables;
using Gateway.Replication.Rows;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Changes;

/// <summary>
/// Nodes whose last name was removed while they were open. Opens end with the process, so whoever opens the volume
/// next removes what it finds.
/// </summary>
/// <remarks>
/// <code>
/// 'U' | inode BE     0x01
/// </code>
/// </remarks>
internal static class UnnamedNodes
{
    /// <summary>Puts the inode.</summary>
    public static void Keep(MutationContext rows, ulong number, ref Inode inode)
    {
        Span<byte> key = stackalloc byte[RowKeys.OneNumberBytes];
        rows.Put(RowKeys.One(key, RowKeys.UnnamedPrefix, number), [1]);
        NameRows.DeleteOwn(rows, number);
        inode.Links = 0;
        inode.Flags |= InodeFlags.IsUnnamed;
        NodeRows.Put(rows, number, inode);
    }

    public static List<ulong> List(IRowReader rows, int max)
    {
        var found = new List<ulong>();
        using var cursor = rows.OpenCursor();
        for (var more = cursor.Seek([RowKeys.UnnamedPrefix]); more && found.Count < max; more = cursor.MoveNext())
        {
            if (!RowKeys.HasPrefix(cursor.Key, RowKeys.UnnamedPrefix)) break;
            found.Add(RowKeys.FirstNumber(cursor.Key));
        }

        return found;
    }
}
