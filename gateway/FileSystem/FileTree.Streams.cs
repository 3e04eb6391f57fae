using Gateway.FileSystem.Changes;
using Gateway.FileSystem.Opens;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Rows;

namespace Gateway.FileSystem;

/// <summary>Named streams of files and directories; their names are compared without regard to case.</summary>
public sealed partial class FileTree
{
    public ValueTask<StreamResult> FindStreamAsync(
        NodeId file, ReadOnlyMemory<byte> name, CancellationToken cancellation = default)
    {
        StreamResult result;
        using (var rows = _store.OpenSnapshot()) result = FindStream(rows, file, name.Span);

        return ConfirmAsync(
            _store.ConfirmReadAsync(cancellation), result, new StreamResult(FileStatus.Unavailable, default, default));
    }

    /// <summary>Makes a stream; Exists, with the stream, when there is one of the name.</summary>
    public ValueTask<StreamResult> MakeStreamAsync(
        NodeId file, ReadOnlyMemory<byte> name, Caller caller, CancellationToken cancellation = default) =>
        MakeStreamAsync(file, name, caller, null, cancellation);

    /// <inheritdoc cref="MakeStreamAsync(NodeId, ReadOnlyMemory{byte}, Caller, CancellationToken)"/>
    internal async ValueTask<StreamResult> MakeStreamAsync(
        NodeId file, ReadOnlyMemory<byte> name, Caller caller, NodeClaim? claim, CancellationToken cancellation)
    {
        var status = FileName.Check(name.Span);
        if (status != FileStatus.Ok) return new StreamResult(status, default, default);

        var mutation = new MakeStreamMutation(this, caller, file, name.ToArray()) { Claim = claim };
        var result = await RunAsync(mutation, cancellation);
        return mutation.Stream with { Status = result.Status };
    }

    /// <summary>Removes a stream with its content; NoEntry when the name does not lead to the one expected.</summary>
    public ValueTask<ChangeResult> RemoveStreamAsync(
        NodeId file, ReadOnlyMemory<byte> name, NodeId expected, Caller caller,
        CancellationToken cancellation = default) =>
        RemoveStreamAsync(file, name, expected, caller, null, cancellation);

    /// <inheritdoc cref="RemoveStreamAsync(NodeId, ReadOnlyMemory{byte}, NodeId, Caller, CancellationToken)"/>
    internal ValueTask<ChangeResult> RemoveStreamAsync(
        NodeId file, ReadOnlyMemory<byte> name, NodeId expected, Caller caller, Open? ended,
        CancellationToken cancellation = default) =>
        FileName.Check(name.Span) == FileStatus.Ok
            ? RunAsync(
                new RemoveStreamMutation(this, caller, file, name.ToArray(), expected) { Ended = ended }, cancellation)
            : ValueTask.FromResult(new ChangeResult { Status = FileStatus.NoEntry });

    /// <summary>Renames a stream; Exists, unless it replaces.</summary>
    public ValueTask<ChangeResult> RenameStreamAsync(
        NodeId file, ReadOnlyMemory<byte> from, ReadOnlyMemory<byte> to, bool replace, Caller caller,
        CancellationToken cancellation = default)
    {
        var status = FileName.Check(to.Span);
        if (status == FileStatus.Ok && FileName.Check(from.Span) != FileStatus.Ok) status = FileStatus.NoEntry;
        return status == FileStatus.Ok
            ? RunAsync(
                new RenameStreamMutation(this, caller, file, from.ToArray(), to.ToArray(), replace), cancellation)
            : ValueTask.FromResult(new ChangeResult { Status = status });
    }

    /// <summary>All streams of a file but the main one, which has no name.</summary>
    public ValueTask<StreamsResult> ListStreamsAsync(NodeId file, CancellationToken cancellation = default)
    {
        StreamsResult result;
        using (var rows = _store.OpenSnapshot()) result = ListStreams(rows, file);

        return ConfirmAsync(
            _store.ConfirmReadAsync(cancellation), result, new StreamsResult(FileStatus.Unavailable, []));
    }

    private StreamResult FindStream(IRowSnapshot rows, NodeId file, ReadOnlySpan<byte> name)
    {
        if (!NodeRows.TryGet(rows, file, out var inode)) return new StreamResult(FileStatus.Stale, default, default);

        var status = FileName.Check(name);
        if (status != FileStatus.Ok) return new StreamResult(status, default, default);
        if ((inode.Flags & InodeFlags.HasStreams) == 0 || !StreamRows.TryGet(rows, file.Inode, name, out var link))
            return new StreamResult(FileStatus.NoEntry, default, default);

        return new StreamResult(FileStatus.Ok, Describe(rows, link), link.Name);
    }

    private StreamsResult ListStreams(IRowSnapshot rows, NodeId file)
    {
        if (!NodeRows.TryGet(rows, file, out var inode)) return new StreamsResult(FileStatus.Stale, []);
        if ((inode.Flags & InodeFlags.HasStreams) == 0) return new StreamsResult(FileStatus.Ok, []);

        var streams = new List<StreamEntry>();
        foreach (var link in StreamRows.List(rows, file.Inode))
            streams.Add(new StreamEntry(link.Name, Describe(rows, link)));
        return new StreamsResult(FileStatus.Ok, streams);
    }

    private NodeAttributes Describe(IRowReader rows, in StreamLink link) =>
        NodeRows.TryGet(rows, link.Inode, out var stream)
            ? DescribeStream(rows, link.Inode, stream)
            : throw new InvalidDataException("A stream's name leads nowhere.");
}
