using Gateway.FileSystem.Tables;
using Gateway.Replication.Rows;
using Gateway.Replication.Store;

namespace Gateway.FileSystem;

public sealed partial class FileTree
{
    /// <summary>
    /// Completes with true once this process is known to have owned the volume at a moment after the call; waits as long as that
    /// cannot be known, and completes with false when it is owned no longer.
    /// </summary>
    public async ValueTask<bool> ConfirmOwnedAsync(CancellationToken cancellation) =>
        await _store.ConfirmReadAsync(cancellation) == StoreOutcome.Ok;

    /// <summary>Ok or Stale; completes synchronously while the lease is good.</summary>
    public ValueTask<AttributesResult> GetAttributesAsync(NodeId node, CancellationToken cancellation = default)
    {
        var result = TryDescribe(node, out var attributes)
            ? new AttributesResult(FileStatus.Ok, attributes)
            : new AttributesResult(FileStatus.Stale, default);
        var confirmed = _store.ConfirmReadAsync(cancellation);
        if (confirmed.IsCompletedSuccessfully)
        {
            return ValueTask.FromResult(confirmed.Result == StoreOutcome.Ok
                ? result
                : new AttributesResult(FileStatus.Unavailable, default));
        }

        return ConfirmAsync(confirmed, result, new AttributesResult(FileStatus.Unavailable, default));
    }

    /// <summary>Finds a name, "." and ".." too; ".." of the root is the root.</summary>
    public ValueTask<LookupResult> LookupAsync(
        NodeId directory, ReadOnlySpan<byte> name, Caller caller, CancellationToken cancellation = default)
    {
        LookupResult result;
        using (var rows = _store.OpenSnapshot()) result = Lookup(rows, directory, name, caller);

        var confirmed = _store.ConfirmReadAsync(cancellation);
        if (confirmed.IsCompletedSuccessfully)
        {
            return ValueTask.FromResult(confirmed.Result == StoreOutcome.Ok
                ? result
                : new LookupResult(FileStatus.Unavailable, default, null));
        }

        return ConfirmAsync(confirmed, result, new LookupResult(FileStatus.Unavailable, default, null));
    }

    /// <summary>Tells which of the wanted rights the mode bits grant.</summary>
    public ValueTask<AccessResult> AccessAsync(
        NodeId node, AccessRights wanted, Caller caller, CancellationToken cancellation = default)
    {
        AccessResult result;
        using (var rows = _store.OpenSnapshot())
        {
            result = NodeRows.TryGet(rows, node, out var inode)
                ? new AccessResult(
                    FileStatus.Ok, Permissions.Granted(inode, caller, wanted), Describe(node.Inode, inode))
                : new AccessResult(FileStatus.Stale, AccessRights.None, null);
        }

        return ConfirmAsync(
            _store.ConfirmReadAsync(cancellation), result, new AccessResult(FileStatus.Unavailable, default, null));
    }

    /// <summary>The target of a symbolic link; InvalidArgument for anything else.</summary>
    public ValueTask<ReadLinkResult> ReadLinkAsync(NodeId node, Caller caller, CancellationToken cancellation = default)
    {
        ReadLinkResult result;
        using (var rows = _store.OpenSnapshot()) result = ReadLink(rows, node, caller);

        return ConfirmAsync(
            _store.ConfirmReadAsync(cancellation), result, new ReadLinkResult(FileStatus.Unavailable, default, null));
    }

    /// <summary>Space as a majority of the nodes has it, and the number of nodes, exactly.</summary>
    public ValueTask<StatisticsResult> GetStatisticsAsync(NodeId node, CancellationToken cancellation = default)
    {
        StatisticsResult result;
        using (var rows = _store.OpenSnapshot())
        {
            if (NodeRows.TryGet(rows, node, out var inode))
            {
                var space = _store.Space;
                var nodes = NodeRows.GetCounters(rows).Nodes;
                var free = Math.Max(0, space.AvailableBytes / BytesPerNodeLeast);
                result = new StatisticsResult(
                    FileStatus.Ok,
                    new FileSystemStatistics(
                        space.TotalBytes, space.FreeBytes, space.AvailableBytes, nodes + free, free),
                    Describe(node.Inode, inode));
            }
            else
            {
                result = new StatisticsResult(FileStatus.Stale, default, null);
            }
        }

        return ConfirmAsync(
            _store.ConfirmReadAsync(cancellation), result, new StatisticsResult(FileStatus.Unavailable, default, null));
    }

    private static async ValueTask<T> ConfirmAsync<T>(ValueTask<StoreOutcome> confirmed, T result, T unavailable) =>
        await confirmed == StoreOutcome.Ok ? result : unavailable;

    private LookupResult Lookup(IRowSnapshot rows, NodeId directory, ReadOnlySpan<byte> name, in Caller caller)
    {
        if (!NodeRows.TryGet(rows, directory, out var parent)) return new LookupResult(FileStatus.Stale, default, null);

        var around = Describe(directory.Inode, parent);
        if (!parent.IsDirectory) return new LookupResult(FileStatus.NotDirectory, default, around);
        if (!Permissions.Allow(parent, caller, Permissions.Execute))
            return new LookupResult(FileStatus.AccessDenied, default, around);
        if (FileName.IsDot(name)) return new LookupResult(FileStatus.Ok, around, around);

        var number = parent.Parent;
        if (!FileName.IsDotDot(name))
        {
            var status = FileName.Check(name);
            if (status != FileStatus.Ok) return new LookupResult(status, default, around);
            if (!NodeRows.TryGetLink(rows, directory.Inode, name, out var link))
                return new LookupResult(FileStatus.NoEntry, default, around);
            number = link.Inode;
        }

        return NodeRows.TryGet(rows, number, out var inode)
            ? new LookupResult(FileStatus.Ok, Describe(number, inode), around)
            : throw new InvalidDataException("A name leads nowhere.");
    }

    private ReadLinkResult ReadLink(IRowSnapshot rows, NodeId node, in Caller caller)
    {
        if (!NodeRows.TryGet(rows, node, out var inode)) return new ReadLinkResult(FileStatus.Stale, default, null);
        if (inode.Type != NodeType.SymbolicLink)
            return new ReadLinkResult(FileStatus.InvalidArgument, default, Describe(node.Inode, inode));
        if (!Permissions.Allow(inode, caller, Permissions.Read))
            return new ReadLinkResult(FileStatus.AccessDenied, default, Describe(node.Inode, inode));

        Span<byte> key = stackalloc byte[RowKeys.OneNumberBytes];
        if (!rows.TryGet(RowKeys.One(key, RowKeys.TargetPrefix, node.Inode), out var target))
            throw new InvalidDataException("A symbolic link has no target.");
        return new ReadLinkResult(FileStatus.Ok, target.ToArray(), Describe(node.Inode, inode));
    }

    private bool TryDescribe(NodeId node, out NodeAttributes attributes)
    {
        using var rows = _store.OpenSnapshot();
        var found = NodeRows.TryGet(rows, node, out var inode);
        attributes = default;
        if (found) attributes = inode.IsStream ? DescribeStream(rows, node.Inode, inode) : Describe(node.Inode, inode);
        return found;
    }

    private NodeAttributes DescribeStream(IRowReader rows, ulong number, Inode stream)
    {
        if (!NodeRows.TryGet(rows, stream.StreamOf, out var file))
            throw new InvalidDataException("A stream has no file.");
        if (_writeBack.HasAny) _writeBack.Overlay(number, ref stream);
        return stream.DescribeStream(number, file, FileSystemId);
    }

    /// <summary>Attributes of a row, with what was written to the file and is not durable yet.</summary>
    internal NodeAttributes Describe(ulong number, in Inode inode)
    {
        if (!inode.IsFile) return inode.Describe(number, FileSystemId);

        var held = Opens.HeldWriteTime(new NodeId(number, inode.Generation));
        if (!_writeBack.HasAny) return inode.Describe(number, FileSystemId, held);

        var shown = inode;
        _writeBack.Overlay(number, ref shown);
        return shown.Describe(number, FileSystemId, held);
    }

    /// <summary>The write time of a file, whatever is shown of it; null when it is gone.</summary>
    internal Timestamp? FindModifyTime(NodeId node) =>
        TryDescribe(node, out var attributes) ? attributes.ModifyTime : null;
}
