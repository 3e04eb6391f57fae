using System.Buffers;
using Gateway.FileSystem;
using Gateway.FileSystem.Opens;
using Gateway.Sockets;

namespace Gateway.Smb.Apple;

/// <summary>
/// What macOS asks for by a FSCTL_SRV_COPYCHUNK without chunks, once AAPL has agreed on OSX_COPYFILE: the target gets the
/// content of the source and all its streams.
/// </summary>
internal sealed class AppleFileCopy(Open source, Open target)
{
    /// <summary>Cut first: the target shall have no more than the source.</summary>
    private static readonly AttributeChanges Empty = new() { Size = 0 };

    /// <summary>Gives the length of the main content.</summary>
    public async ValueTask<(FileStatus Status, long Bytes)> RunAsync(CancellationToken cancellation)
    {
        var described = await source.GetAttributesAsync(cancellation);
        if (described.Status != FileStatus.Ok) return (described.Status, 0);

        var size = described.Attributes.Size;
        if (!source.MayRead(0, size) || !target.MayWrite(0, long.MaxValue)) return (FileStatus.LockConflict, 0);

        var status = await target.SetAttributesAsync(Empty, cancellation);
        if (status == FileStatus.Ok) status = await FillAsync(source.Node, target.Node, size, cancellation);
        target.BreakReaders();
        if (status == FileStatus.Ok && described.Attributes.HasStreams) status = await CopyStreamsAsync(cancellation);
        if (status == FileStatus.Ok) status = await target.FlushAsync(cancellation);
        return (status, size);
    }

    private async ValueTask<FileStatus> CopyStreamsAsync(CancellationToken cancellation)
    {
        var listed = await source.Tree.ListStreamsAsync(source.File, cancellation);
        if (listed.Status != FileStatus.Ok) return listed.Status;

        foreach (var stream in listed.Streams)
        {
            var made = await target.Tree.MakeStreamAsync(target.File, stream.Name, target.Caller, cancellation);
            if (made.Status is not (FileStatus.Ok or FileStatus.Exists)) return made.Status;

            var node = made.Attributes.Node;
            var status = (await target.Tree.SetAttributesAsync(
                node, Empty, null, target.Caller, null, DataAccess.CheckedAtOpen, cancellation)).Status;
            if (status == FileStatus.Ok) status = await FillAsync(stream.Node, node, stream.Size, cancellation);
            if (status == FileStatus.Ok)
                status = (await target.Tree.CommitAsync(node, target.Caller, cancellation)).Status;
            if (status != FileStatus.Ok) return status;
        }

        return FileStatus.Ok;
    }

    private ValueTask<FileStatus> FillAsync(NodeId from, NodeId to, long size, CancellationToken cancellation) =>
        size < FileSystemLimits.CloneBytesMin
            ? MoveAsync(from, to, (int)size, cancellation)
            : target.Tree.CloneRangeAsync(from, 0, to, 0, size, target.Caller, DataAccess.CheckedAtOpen, cancellation);

    private async ValueTask<FileStatus> MoveAsync(NodeId from, NodeId to, int size, CancellationToken cancellation)
    {
        if (size == 0) return FileStatus.Ok;

        var buffer = TransferBuffers.Shared.Rent(size);
        try
        {
            var read = await source.Tree.ReadAsync(
                from, 0, buffer.AsMemory(0, size), source.Caller, DataAccess.CheckedAtOpen, cancellation);
            if (read.Status != FileStatus.Ok) return read.Status;

            var bytes = new ReadOnlySequence<byte>(buffer, 0, read.Bytes);
            return (await target.Tree.WriteAsync(
                to, 0, bytes, WriteStability.Unstable, target.Caller, DataAccess.CheckedAtOpen, cancellation)).Status;
        }
        finally
        {
            TransferBuffers.Shared.Return(buffer);
        }
    }
}
