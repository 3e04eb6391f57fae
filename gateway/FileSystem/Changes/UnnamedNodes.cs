using Gateway.FileSystem.Tables;
using Gateway.Replication.Rows;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Changes;

/// <summary>
/// Nodes whose last name was removed while they were open. Opens end with the process, but for persistent ones: whoever
/// opens the volume next removes what is not open then.
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

    /// <summary>Numbers of those behind a number, in order.</summary>
    public static List<ulong> List(IRowReader rows, ulong after, int max)
    {
        var found = new List<ulong>();
        Span<byte> key = stackalloc byte[RowKeys.OneNumberBytes];
        using var cursor = rows.OpenCursor();
        var more = cursor.Seek(RowKeys.One(key, RowKeys.UnnamedPrefix, after + 1));
        for (; more && found.Count < max; more = cursor.MoveNext())
        {
            if (!RowKeys.HasPrefix(cursor.Key, RowKeys.UnnamedPrefix)) break;
            found.Add(RowKeys.FirstNumber(cursor.Key));
        }

        return found;
    }
}
