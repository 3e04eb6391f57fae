using Gateway.FileSystem.Changes;
using Gateway.FileSystem.Data;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Store;

namespace Gateway.FileSystem;

/// <summary>Holes, shared content and the space of files.</summary>
public sealed partial class FileTree
{
    /// <summary>Makes a range of a file read as zeros and gives its space back. The size stays.</summary>
    public async ValueTask<FileStatus> ZeroRangeAsync(
        NodeId node, long start, long end, Caller caller, DataAccess access, CancellationToken cancellation = default)
    {
        if (start < 0 || end < start) return FileStatus.InvalidArgument;
        var status = CheckWrite(node, start, 0, caller, access, out _, out _);
        if (status != FileStatus.Ok || start == end) return status;

        using var alone = await EnterAloneAsync(node, null, cancellation);
        if (alone.Status != FileStatus.Ok) return alone.Status;

        var zero = new ZeroMutation(this, node, start, end) { KeepsDeclared = caller.KeepsDeclared };
        do
        {
            var outcome = await _store.ExecuteAsync(zero, cancellation);
            if (outcome != StoreOutcome.Ok) return StatusOf(outcome);
        }
        while (!zero.Done);

        if (zero.Status == FileStatus.Ok) TellWritten(node);
        return zero.Status;
    }

    /// <summary>
    /// The parts of a range that take space, up to <paramref name="max"/>; what lies between reads as zeros. Written
    /// data is made durable first.
    /// </summary>
    public async ValueTask<AllocatedRangesResult> AllocatedRangesAsync(
        NodeId node, long start, long end, int max, CancellationToken cancellation = default)
    {
        if (start < 0 || end < start || max <= 0) return new AllocatedRangesResult(FileStatus.InvalidArgument, [], false);
        var status = await _writeBack.FlushAsync(node.Inode);
        if (status != FileStatus.Ok) return new AllocatedRangesResult(status, [], false);

        AllocatedRangesResult result;
        using (var rows = _store.OpenSnapshot())
        {
            if (!NodeRows.TryGet(rows, node, out var inode))
                result = new AllocatedRangesResult(FileStatus.Stale, [], false);
            else if (!inode.IsFile)
                result = new AllocatedRangesResult(FileStatus.InvalidArgument, [], false);
            else
                result = AllocatedRanges.Find(rows, node.Inode, start, Math.Min(end, inode.Size), max);
        }

        return await ConfirmAsync(
            _store.ConfirmReadAsync(cancellation), result,
            new AllocatedRangesResult(FileStatus.Unavailable, [], false));
    }

    /// <summary>
    /// Makes a range of the source the content of a range of the target, without moving the data. The range must be
    /// inside the source; both may be of one file when they do not overlap.
    /// </summary>
    public async ValueTask<FileStatus> CloneRangeAsync(
        NodeId source, long offset, NodeId target, long targetOffset, long length, Caller caller, DataAccess access,
        CancellationToken cancellation = default)
    {
        if (offset < 0 || length < 0 || targetOffset < 0 || offset > FileSystemLimits.FileBytesMax - length)
            return FileStatus.InvalidArgument;
        if (targetOffset > FileSystemLimits.FileBytesMax - length) return FileStatus.FileTooBig;
        if (source == target && Math.Abs(offset - targetOffset) < length) return FileStatus.InvalidArgument;

        var status = CheckWrite(target, targetOffset, 0, caller, access, out _, out _);
        if (status != FileStatus.Ok || length == 0) return status;

        using var alone = await EnterAloneAsync(source, target, cancellation);
        if (alone.Status != FileStatus.Ok) return alone.Status;

        status = await CloneAsync(
            new CloneMutation(this, source, offset, target, targetOffset, length) { KeepsDeclared = caller.KeepsDeclared },
            target.Inode, cancellation);
        if (status == FileStatus.Ok) TellWritten(target);
        return status;
    }

    /// <summary>
    /// Sets the space a file shall have: less than its size cuts it (MS-FSA 2.1.5.14.1). More is not reserved, but
    /// NoSpace is answered when it could not be.
    /// </summary>
    public async ValueTask<FileStatus> PreallocateAsync(
        NodeId node, long bytes, Caller caller, DataAccess access, CancellationToken cancellation = default)
    {
        if (bytes < 0) return FileStatus.InvalidArgument;
        var status = CheckWrite(node, 0, 0, caller, access, out var inode, out _);
        if (status != FileStatus.Ok) return status;
        if (bytes >= inode.Size) return bytes - inode.Used > _store.Space.AvailableBytes ? FileStatus.NoSpace : FileStatus.Ok;

        var cut = await SetAttributesAsync(
            node, new AttributeChanges { Size = bytes }, null, caller, null, access, cancellation);
        return cut.Status;
    }

    private async ValueTask<FileStatus> CloneAsync(
        CloneMutation clone, ulong target, CancellationToken cancellation)
    {
        while (!clone.Done)
        {
            var outcome = await _store.ExecuteAsync(clone, cancellation);
            if (outcome != StoreOutcome.Ok) return StatusOf(outcome);
            if (!clone.MustReclaim) continue;

            var status = await ReclaimAsync(target);
            if (status != FileStatus.Ok) return status;
        }

        return clone.Status;
    }

    /// <summary>
    /// Makes what was written to files durable and holds later writes back until it is disposed. Files are entered in
    /// the order of their numbers, so that two who want the same two do not wait for each other.
    /// </summary>
    private async ValueTask<Alone> EnterAloneAsync(NodeId node, NodeId? second, CancellationToken cancellation)
    {
        var alone = new Alone();
        ulong[] numbers = second is not { } other || other.Inode == node.Inode
            ? [node.Inode]
            : [Math.Min(node.Inode, other.Inode), Math.Max(node.Inode, other.Inode)];
        foreach (var number in numbers)
        {
            try
            {
                (alone.Status, var file) = await _writeBack.EnterExclusiveAsync(number, cancellation);
                if (file is not null) alone.Files.Add(file);
            }
            catch
            {
                alone.Dispose();
                throw;
            }

            if (alone.Status != FileStatus.Ok) break;
        }

        return alone;
    }

    private sealed class Alone : IDisposable
    {
        public FileStatus Status { get; set; }

        public List<DirtyFile> Files { get; } = [];

        public void Dispose()
        {
            foreach (var file in Files) WriteBack.LeaveExclusive(file);
        }
    }
}
