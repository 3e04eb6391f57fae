using Gateway.FileSystem.Tables;
using Gateway.Replication.Rows;

namespace Gateway.FileSystem.Notices;

/// <summary>Finds the names by which a change of a node is told.</summary>
internal static class ChangeNames
{
    private const ChangedParts OfContent = ChangedParts.Size | ChangedParts.LastWrite;

    /// <summary>Null when the node has no name, or only ones that are not known.</summary>
    public static TreeChange? Describe(IRowReader rows, ulong number, in Inode inode, ChangedParts parts)
    {
        if (inode.IsStream) return DescribeStream(rows, number, inode.StreamOf, parts);

        return TryGetPlace(rows, number, out var directory, out var name)
            ? new TreeChange
            {
                Kind = TreeChangeKind.Modified,
                Parts = parts,
                Node = new NodeId(number, inode.Generation),
                Type = inode.Type,
                Directory = directory,
                Name = name,
            }
            : null;
    }

    /// <summary>A change of the names or the content of a file's streams.</summary>
    public static TreeChange? DescribeStream(
        IRowReader rows, ulong file, in Inode inode, TreeChangeKind kind, ReadOnlyMemory<byte> stream,
        ChangedParts parts) =>
        TryGetPlace(rows, file, out var directory, out var name)
            ? new TreeChange
            {
                Kind = kind,
                Parts = parts,
                Node = new NodeId(file, inode.Generation),
                Type = inode.Type,
                Directory = directory,
                Name = name,
                Stream = stream,
            }
            : null;

    private static TreeChange? DescribeStream(IRowReader rows, ulong number, ulong file, ChangedParts parts)
    {
        if (!NodeRows.TryGet(rows, file, out var inode)) return null;

        var stream = StreamRows.List(rows, file).Find(link => link.Inode == number);
        if (stream.Name is null) return null;
        if ((parts & OfContent) != 0) parts |= ChangedParts.StreamSize | ChangedParts.StreamWrite;
        return DescribeStream(rows, file, inode, TreeChangeKind.StreamModified, stream.Name, parts & ~OfContent);
    }

    private static bool TryGetPlace(IRowReader rows, ulong number, out NodeId directory, out byte[] name)
    {
        var found = NameRows.TryGetOwn(rows, number, out var above, out name)
            && NodeRows.TryGet(rows, above, out var inode)
            ? new NodeId(above, inode.Generation)
            : default;
        directory = found;
        return found != default;
    }
}
