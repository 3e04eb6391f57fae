using System.Buffers;
using System.Runtime.CompilerServices;
using Gateway.FileSystem;
using Gateway.FileSystem.Opens;
using Gateway.FileSystem.Security;
using Gateway.Protocol.Smb2;
using Gateway.Smb.Apple;
using Gateway.Smb.Opens;

namespace Gateway.Smb.Commands;

/// <summary>
/// WRITE (MS-SMB2 3.3.5.13), from the memory it arrived in. Answered when the data is durable on a majority, as SMB has
/// nothing that would tell a client of writes that got lost; a share may be set to answer at once, and then FLUSH and
/// CLOSE make it durable.
/// </summary>
internal static class WriteCommand
{
    public static ValueTask<NtStatus> RunAsync(SmbRequest request)
    {
        if (!WriteRequest.TryParse(request.Message.Span, out var write)) return new(NtStatus.InvalidParameter);

        var status = TransferChecks.Check(request, write.Length, write.Channel);
        if (status != NtStatus.Success) return new(status);

        status = request.TryGetOpen(write.FileId, out var open);
        if (status != NtStatus.Success) return new(status);

        if (open.Pipe is { } pipe) return PipeTransfers.WriteAsync(request, pipe, write);
        if (open.File is not { } file) return new(NtStatus.FileClosed);

        status = Check(file, write);
        return status == NtStatus.Success ? WriteAsync(request, open, file, write) : new(status);
    }

    private static NtStatus Check(Open file, in WriteRequest write)
    {
        if (file.IsDirectory) return NtStatus.InvalidDeviceRequest;
        if ((file.Access & (AccessMask.WriteData | AccessMask.AppendData)) == 0) return NtStatus.AccessDenied;

        return TransferChecks.IsRange(write.Offset, write.Length) ? NtStatus.Success : NtStatus.InvalidParameter;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<NtStatus> WriteAsync(SmbRequest request, SmbOpen open, Open file, WriteRequest write)
    {
        var offset = (long)write.Offset;
        if ((file.Access & AccessMask.WriteData) == 0)
        {
            // Who may only append leaves what is there alone (MS-SMB2 3.3.5.13).
            var attributes = await file.GetAttributesAsync();
            if (attributes.Status != FileStatus.Ok) return attributes.Status.ToNtStatus();
            if (offset < attributes.Attributes.Size) return NtStatus.AccessDenied;
        }

        var data = request.Message.Slice(write.DataOffset, write.Length);
        var stability = StabilityOf(request, file, write.Flags);
        if (AppleStreams.IsAfpInfo(request.Tree.Share, file))
        {
            var written = await AfpInfoStream.WriteAsync(file, offset, data, stability);
            if (written != NtStatus.Success) return written;
        }
        else
        {
            // A part of a message is copied, as the message would otherwise stay for the sake of it.
            var source = data.Length <= FileSystemLimits.TransferBytesMax ? request.Memory.SourceOf(data.Length) : null;
            for (var done = 0; done < data.Length; done += FileSystemLimits.TransferBytesMax)
            {
                var part = data.Slice(done, Math.Min(data.Length - done, FileSystemLimits.TransferBytesMax));
                var result = await file.WriteAsync(
                    offset + done, new ReadOnlySequence<byte>(part), stability, source);
                if (result.Status != FileStatus.Ok) return result.Status.ToNtStatus();
            }
        }

        open.Queries.Position = offset + data.Length;
        new WriteResponse((uint)write.Length).Write(request.Response.Reserve(WriteResponse.BodyBytes));
        return NtStatus.Success;
    }

    private static WriteStability StabilityOf(SmbRequest request, Open file, WriteFlags flags)
    {
        if ((flags & WriteFlags.WriteThrough) != 0 || (file.Options & OpenOptions.WriteThrough) != 0)
            return WriteStability.FileSync;

        return request.Tree.Share.IsWriteBack ? WriteStability.Unstable : WriteStability.DataSync;
    }
}
