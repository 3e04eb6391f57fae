using System.Buffers;
using Gateway.FileSystem;
using Gateway.FileSystem.Opens;

namespace Gateway.Smb.Apple;

/// <summary>
/// What macOS asks for by a FSCTL_SRV_COPYCHUNK without chunks, once AAPL has agreed on OSX_COPYFILE: the target gets the
/// content of the source and all its streams.
/// </summary>
internal sealed class AppleFileCopy(Open source, Open target)
{
    /// <summary>Less is cheaper copied than shared.</summary>
    private const int CloneBytesMin = 64 << 10;

    /// <summary>Gives the length of the main content.</summary>
    public async ValueTask<(FileStatus Status, long Bytes)> RunAsync(CancellationToken cancellation)
    {
        var described = await source.GetAttributesAsync(cancellation);
        if (described.Status != FileStatus.Ok) return (described.Status, 0);

        var size = described.Attributes.Size;
        if (!source.MayRead(0, size) || !target.MayWrite(0, long.MaxValue)) return (FileStatus.LockConflict, 0);

        target.BreakReaders();
        var status = await CopyAsync(source.Node, target.Node, size, cancellation);
        if (status == FileStatus.Ok) target.BreakReaders();
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

            var status = await CopyAsync(stream.Node, made.Attributes.Node, stream.Size, cancellation);
            if (status == FileStatus.Ok)
                status = (await target.Tree.CommitAsync(made.Attributes.Node, target.Caller, cancellation)).Status;
            if (status != FileStatus.Ok) return status;
        }

        return FileStatus.Ok;
    }

    /// <summary>Cut first: the target shall have no more than the source.</summary>
    private async ValueTask<FileStatus> CopyAsync(NodeId from, NodeId to, long size, CancellationToken cancellation)
    {
        var empty = new AttributeChanges { Size = 0 };
        var cut = await target.Tree.SetAttributesAsync(
            to, empty, null, target.Caller, null, DataAccess.CheckedAtOpen, cancellation);
        if (cut.Status != FileStatus.Ok || size == 0) return cut.Status;

        return size < CloneBytesMin
            ? await MoveAsync(from, to, (int)size, cancellation)
            : await target.Tree.CloneRangeAsync(
                from, 0, to, 0, size, target.Caller, DataAccess.CheckedAtOpen, cancellation);
    }

    private async ValueTask<FileStatus> MoveAsync(NodeId from, NodeId to, int size, CancellationToken cancellation)
    {
        var buffer = MessageBuffers.Shared.Rent(size);
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
            MessageBuffers.Shared.Return(buffer);
        }
    }
}
