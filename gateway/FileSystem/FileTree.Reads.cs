using Gateway.FileSystem.Data;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Store;

namespace Gateway.FileSystem;

public sealed partial class FileTree
{
    private const int ReadAttemptsMax = 4;

    private async ValueTask<ReadResult> ReadNowAsync(
        NodeId node, long offset, Memory<byte> destination, Caller caller, DataAccess access,
        CancellationToken cancellation = default)
    {
        if (offset < 0) return new ReadResult(FileStatus.InvalidArgument, 0, false, Unchanged(node).After);
        if (destination.Length > FileSystemLimits.TransferBytesMax)
            destination = destination[..FileSystemLimits.TransferBytesMax];
        if (destination.Length > FileSystemLimits.FileBytesMax - offset)
            destination = destination[..(int)(FileSystemLimits.FileBytesMax - offset)];

        var plan = new ReadPlan();
        try
        {
            for (var attempt = 1; ; attempt++)
            {
                var (result, again) = await TryReadAsync(plan, node, offset, destination, caller, access, cancellation);
                if (again && attempt < ReadAttemptsMax) continue;
                if (again) return result with { Status = FileStatus.InputOutput, Bytes = 0, EndOfFile = false };

                return await ConfirmAsync(
                    _store.ConfirmReadAsync(cancellation), result, new ReadResult(
                        FileStatus.Unavailable, 0, false, null));
            }
        }
        finally
        {
            _writeBack.Unpin(plan.Buffered);
        }
    }

    /// <summary>
    /// One attempt. It is repeated when what it saw does not fit together: the size was set meanwhile, or a slice of
    /// the snapshot was overwritten and freed before it could be read.
    /// </summary>
    private async ValueTask<(ReadResult Result, bool Again)> TryReadAsync(
        ReadPlan plan, NodeId node, long offset, Memory<byte> destination, Caller caller, DataAccess access,
        CancellationToken cancellation)
    {
        _writeBack.Unpin(plan.Buffered);
        var view = _writeBack.View(node.Inode, offset, destination.Length, plan.Buffered);
        Inode inode;
        var bytes = 0;
        using (var rows = _store.OpenSnapshot())
        {
            if (!NodeRows.TryGet(rows, node, out inode))
                return (new ReadResult(FileStatus.Stale, 0, false, null), false);

            var status = CheckRead(inode, caller, access);
            if (status != FileStatus.Ok)
                return (new ReadResult(status, 0, false, Describe(node.Inode, inode)), false);

            inode.Size = Math.Max(inode.Size, view.End);
            if (offset < inode.Size && !destination.IsEmpty)
            {
                destination = destination[..(int)Math.Min(destination.Length, inode.Size - offset)];
                bytes = plan.Resolve(rows, node.Inode, offset, destination);
            }
        }

        var outcome = bytes > 0
            ? await plan.FillAsync(_store, offset, destination[..bytes], cancellation)
            : StoreOutcome.Ok;
        if (caller.Through is not { KeepsAccessTime: true }) NoteAccess(node, inode);
        var attributes = Describe(node.Inode, inode);
        var result = new ReadResult(
            StatusOf(outcome), outcome == StoreOutcome.Ok ? bytes : 0, offset + bytes >= inode.Size, attributes);
        return (result, outcome == StoreOutcome.Damaged || !WriteBack.IsCurrent(view));
    }

    private static FileStatus CheckRead(in Inode inode, in Caller caller, DataAccess access)
    {
        if (inode.IsDirectory) return FileStatus.IsDirectory;
        if (!inode.IsFile) return FileStatus.InvalidArgument;
        return Permissions.AllowData(inode, caller, Permissions.Read, access) ? FileStatus.Ok : FileStatus.AccessDenied;
    }
}
