using System.Buffers;
using Gateway.FileSystem.Opens;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Rows;
using Gateway.Replication.Store;
using Gateway.Replication.Wire;

namespace Gateway.FileSystem;

public sealed partial class FileTree
{
    /// <summary>
    /// Reads into the destination, up to <see cref="FileSystemLimits.TransferBytesMax"/>. Holes are zeros. Fewer
    /// bytes without end of file are possible for very fragmented files. InputOutput when no replica has an intact
    /// copy. What a client of SMB has written into its cache only comes back first.
    /// </summary>
    public ValueTask<ReadResult> ReadAsync(
        NodeId node, long offset, Memory<byte> destination, Caller caller, DataAccess access,
        CancellationToken cancellation = default) =>
        Opens.Count == 0 || caller.IsTrusted
            ? ReadNowAsync(node, offset, destination, caller, access, cancellation)
            : ReadYieldedAsync(node, offset, destination, caller, access, cancellation);

    /// <summary>
    /// Writes up to <see cref="FileSystemLimits.TransferBytesMax"/> bytes, all or none. The bytes must not change
    /// until the call completes; those of a <paramref name="source"/> may be borrowed for longer instead of being
    /// copied. What clients of SMB cache of the file is broken.
    /// </summary>
    public ValueTask<WriteResult> WriteAsync(
        NodeId node, long offset, ReadOnlySequence<byte> bytes, WriteStability stability, Caller caller,
        DataAccess access, IPayloadSource? source = null, CancellationToken cancellation = default) =>
        Opens.Count == 0 || caller.IsTrusted
            ? WriteNowAsync(node, offset, bytes, stability, caller, access, source, cancellation)
            : WriteYieldedAsync(node, offset, bytes, stability, caller, access, source, cancellation);

    /// <summary>Runs a mutation that is no change of the tree.</summary>
    internal ValueTask<StoreOutcome> ExecuteAsync(Mutation mutation) => _store.ExecuteAsync(mutation);

    internal IRowSnapshot OpenSnapshot() => _store.OpenSnapshot();

    /// <summary>What can be written before only the reserve for deletes is left.</summary>
    internal long AvailableBytes => _store.Space.AvailableBytes;

    internal bool Exists(NodeId node)
    {
        using var rows = _store.OpenSnapshot();
        return NodeRows.TryGet(rows, node, out _);
    }

    /// <summary>True when the name leads to the node.</summary>
    internal bool IsNamed(NodeId directory, ReadOnlySpan<byte> name, NodeId node)
    {
        using var rows = _store.OpenSnapshot();
        return NodeRows.TryGet(rows, directory, out _)
            && NodeRows.TryGetLink(rows, directory.Inode, name, out var link)
            && link.Inode == node.Inode
            && NodeRows.TryGet(rows, node, out _);
    }

    internal bool IsEmptyDirectory(NodeId directory)
    {
        using var rows = _store.OpenSnapshot();
        return NodeRows.TryGet(rows, directory, out var inode) && inode.IsDirectory && inode.Entries == 0;
    }

    /// <summary>The node a name leads to; null when there is none.</summary>
    internal NodeId? FindNode(NodeId directory, ReadOnlySpan<byte> name)
    {
        using var rows = _store.OpenSnapshot();
        return NodeRows.TryGetLink(rows, directory.Inode, name, out var link)
            && NodeRows.TryGet(rows, link.Inode, out var inode)
            ? new NodeId(link.Inode, inode.Generation)
            : null;
    }

    /// <summary>True when a directory is another one, or below it.</summary>
    internal bool IsWithin(NodeId directory, NodeId above)
    {
        if (directory == above) return true;

        using var rows = _store.OpenSnapshot();
        var number = directory.Inode;
        while (number != NodeId.RootInode && NodeRows.TryGet(rows, number, out var inode) && inode.IsDirectory)
        {
            number = inode.Parent;
            if (number == above.Inode) return true;
        }

        return false;
    }

    private ValueTask YieldAsync(NodeId node, CachingUse use, in Caller caller, CancellationToken cancellation) =>
        Opens.Count == 0 || caller.IsTrusted ? ValueTask.CompletedTask : Opens.YieldAsync(node, use, cancellation);

    private async ValueTask<ReadResult> ReadYieldedAsync(
        NodeId node, long offset, Memory<byte> destination, Caller caller, DataAccess access,
        CancellationToken cancellation)
    {
        await Opens.YieldAsync(node, CachingUse.Read, cancellation);
        return await ReadNowAsync(node, offset, destination, caller, access, cancellation);
    }

    private async ValueTask<WriteResult> WriteYieldedAsync(
        NodeId node, long offset, ReadOnlySequence<byte> bytes, WriteStability stability, Caller caller,
        DataAccess access, IPayloadSource? source, CancellationToken cancellation)
    {
        await Opens.YieldAsync(node, CachingUse.Write, cancellation);
        var result = await WriteNowAsync(node, offset, bytes, stability, caller, access, source, cancellation);

        // Once more, for those who read and cached while it went on.
        await Opens.YieldAsync(node, CachingUse.Write, cancellation);
        return result;
    }
}
