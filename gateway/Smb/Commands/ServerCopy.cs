using System.Buffers;
using Gateway.FileSystem;
using Gateway.FileSystem.Opens;
using Gateway.Protocol.Smb2;
using Gateway.Protocol.Smb2.FileControl;
using Gateway.Sockets;

namespace Gateway.Smb.Commands;

/// <summary>Copies chunks from one open to another; where both are of one volume without moving a byte.</summary>
internal sealed class ServerCopy(Open source, Open target)
{
    /// <summary>Copies one chunk, all or nothing.</summary>
    public async ValueTask<NtStatus> RunAsync(CopyChunk chunk)
    {
        var attributes = await source.GetAttributesAsync();
        if (attributes.Status != FileStatus.Ok) return attributes.Status.ToNtStatus();

        // What Windows says of a chunk that is not all there.
        if ((long)chunk.SourceOffset + chunk.Length > attributes.Attributes.Size) return NtStatus.InvalidViewSize;

        return await CopyAsync((long)chunk.SourceOffset, (long)chunk.TargetOffset, chunk.Length);
    }

    /// <summary>Copies a range of the source, all or nothing; a long one of two files of one volume only.</summary>
    public async ValueTask<NtStatus> CopyAsync(long from, long to, long length)
    {
        if (!source.MayRead(from, length) || !target.MayWrite(to, length)) return NtStatus.FileLockConflict;

        return source.Tree == target.Tree && source.Node != target.Node && length >= FileSystemLimits.CloneBytesMin
            ? (await target.CloneRangeAsync(source, from, to, length)).ToNtStatus()
            : await MoveAsync(from, to, (int)length);
    }

    /// <summary>Everything copied is durable.</summary>
    public async ValueTask<NtStatus> FlushAsync() => (await target.FlushAsync()).ToNtStatus();

    /// <summary>Read whole before it is written: within one file source and target may overlap.</summary>
    private async ValueTask<NtStatus> MoveAsync(long from, long to, int length)
    {
        var buffer = TransferBuffers.Shared.Rent(length);
        try
        {
            var read = await source.ReadAsync(from, buffer.AsMemory(0, length));
            if (read.Status != FileStatus.Ok) return read.Status.ToNtStatus();
            if (read.Bytes < length) return NtStatus.InvalidViewSize;

            var bytes = new ReadOnlySequence<byte>(buffer, 0, length);
            return (await target.WriteAsync(to, bytes, WriteStability.Unstable)).Status.ToNtStatus();
        }
        finally
        {
            TransferBuffers.Shared.Return(buffer);
        }
    }
}
