using Gateway.FileSystem.Security;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Rows;

namespace Gateway.FileSystem;

public sealed partial class FileTree
{
    /// <summary>
    /// Lists a directory from behind the cookie (0: from the start) into the visitor, in the order the names were
    /// made. Every name that stays during the whole listing is given exactly once, whatever others do.
    /// </summary>
    /// <remarks>EndOfDirectory is false when the visitor refused an entry. BadCookie for one that was never
    /// given.</remarks>
    public ValueTask<ReadDirectoryResult> ReadDirectoryAsync(
        NodeId directory, ulong cookie, DirectoryVisitor visitor, Caller caller,
        CancellationToken cancellation = default)
    {
        ReadDirectoryResult result;
        using (var rows = _store.OpenSnapshot()) result = ReadDirectory(rows, directory, cookie, visitor, caller);

        return ConfirmAsync(
            _store.ConfirmReadAsync(cancellation), result, new ReadDirectoryResult(
                FileStatus.Unavailable, false, null));
    }

    /// <summary>Ok or AccessDenied: whether listings that leave out what is not readable show the node; or Stale.</summary>
    public ValueTask<FileStatus> CheckReadableAsync(
        NodeId node, SecurityToken token, CancellationToken cancellation = default)
    {
        FileStatus status;
        using (var rows = _store.OpenSnapshot())
        {
            if (!NodeRows.TryGet(rows, node, out var inode)) status = FileStatus.Stale;
            else status = MayRead(rows, node.Inode, inode, token) ? FileStatus.Ok : FileStatus.AccessDenied;
        }

        return ConfirmAsync(_store.ConfirmReadAsync(cancellation), status, FileStatus.Unavailable);
    }

    private ReadDirectoryResult ReadDirectory(
        IRowSnapshot rows, NodeId directory, ulong cookie, DirectoryVisitor visitor, in Caller caller)
    {
        if (!NodeRows.TryGet(rows, directory, out var inode))
            return new ReadDirectoryResult(FileStatus.Stale, false, null);

        var attributes = Describe(directory.Inode, inode);
        if (!inode.IsDirectory) return new ReadDirectoryResult(FileStatus.NotDirectory, false, attributes);
        if (!Permissions.Allow(inode, caller, Permissions.Read))
            return new ReadDirectoryResult(FileStatus.AccessDenied, false, attributes);
        if (cookie >= inode.NextCookie) return new ReadDirectoryResult(FileStatus.BadCookie, false, attributes);

        if (cookie == 0 && caller.Through is not { KeepsAccessTime: true }) NoteAccess(directory, inode);
        var end = VisitSelf(rows, directory, inode, attributes, cookie, visitor)
            && VisitEntries(rows, directory, cookie, visitor);
        return new ReadDirectoryResult(FileStatus.Ok, end, attributes);
    }

    private bool VisitSelf(
        IRowSnapshot rows, NodeId directory, in Inode inode, in NodeAttributes attributes, ulong cookie,
        DirectoryVisitor visitor)
    {
        if (cookie < FileSystemLimits.CookieOfSelf)
        {
            var self = new DirectoryEntry
            {
                Name = "."u8,
                Inode = directory.Inode,
                Type = NodeType.Directory,
                Cookie = FileSystemLimits.CookieOfSelf,
                Attributes = visitor.WantsAttributes ? attributes : null,
            };
            if (!visitor.Visit(self)) return false;
        }

        if (cookie >= FileSystemLimits.CookieOfParent) return true;

        var parent = new DirectoryEntry
        {
            Name = ".."u8,
            Inode = inode.Parent,
            Type = NodeType.Directory,
            Cookie = FileSystemLimits.CookieOfParent,
            Attributes = visitor.WantsAttributes ? DescribeEntry(rows, inode.Parent) : null,
        };
        return visitor.Visit(parent);
    }

    private bool VisitEntries(IRowSnapshot rows, NodeId directory, ulong cookie, DirectoryVisitor visitor)
    {
        Span<byte> key = stackalloc byte[RowKeys.TwoNumbersBytes];
        using var cursor = rows.OpenCursor();
        var from = Math.Max(cookie + 1, FileSystemLimits.FirstEntryCookie);
        var first = RowKeys.Two(key, RowKeys.EntryPrefix, directory.Inode, from);
        for (var more = cursor.Seek(first); more; more = cursor.MoveNext())
        {
            if (!RowKeys.HasPrefix(cursor.Key, RowKeys.EntryPrefix, directory.Inode)) return true;

            var (number, type) = NodeRows.ReadEntry(cursor.Value, out var name);
            var entry = new DirectoryEntry
            {
                Name = name,
                Inode = number,
                Type = type,
                Cookie = RowKeys.SecondNumber(cursor.Key),
                Attributes = visitor.WantsAttributes ? DescribeEntry(rows, number) : null,
                IsReadable = visitor.Reader is not { } reader || MayRead(rows, number, ReadEntry(rows, number), reader),
            };
            if (!visitor.Visit(entry)) return false;
        }

        return true;
    }

    private NodeAttributes DescribeEntry(IRowSnapshot rows, ulong number) => Describe(number, ReadEntry(rows, number));

    private static Inode ReadEntry(IRowSnapshot rows, ulong number) => NodeRows.TryGet(rows, number, out var inode)
        ? inode
        : throw new InvalidDataException("A name leads nowhere.");

    private bool MayRead(IRowReader rows, ulong number, in Inode inode, SecurityToken token)
    {
        if (token.IsAdministrator) return true;
        return (inode.Flags & InodeFlags.HasDescriptor) == 0
            ? Permissions.Allow(inode, token.Caller, Permissions.Read)
            : AccessCheck.AllowsReading(ReadDescriptor(rows, number, inode), token);
    }
}
