using System.Runtime.CompilerServices;
using Gateway.FileSystem;
using Gateway.FileSystem.Opens;
using Gateway.FileSystem.Security;
using Gateway.Protocol.Smb2;
using Gateway.Smb.Apple;
using Gateway.Smb.Opens;

namespace Gateway.Smb.Commands;

/// <summary>READ (MS-SMB2 3.3.5.12): straight into the memory that goes to the socket.</summary>
internal static class ReadCommand
{
    public static ValueTask<NtStatus> RunAsync(SmbRequest request)
    {
        if (!ReadRequest.TryParse(request.Message.Span, out var read)) return new(NtStatus.InvalidParameter);

        var status = TransferChecks.Check(request, read.Length, read.Channel);
        if (status != NtStatus.Success) return new(status);

        status = request.TryGetOpen(read.FileId, out var open);
        if (status != NtStatus.Success) return new(status);

        if (open.Pipe is { } pipe) return PipeTransfers.ReadAsync(request, pipe, read);
        if (open.File is not { } file) return new(NtStatus.FileClosed);

        status = Check(file, read);
        return status == NtStatus.Success ? ReadAsync(request, open, file, read) : new(status);
    }

    private static NtStatus Check(Open file, in ReadRequest read)
    {
        if (file.IsDirectory) return NtStatus.InvalidDeviceRequest;

        // Who may execute a file may read it: how else would a client run it (MS-SMB2 3.3.5.12, note on FILE_EXECUTE)?
        if ((file.Access & (AccessMask.ReadData | AccessMask.Execute)) == 0) return NtStatus.AccessDenied;

        return TransferChecks.IsRange(read.Offset, read.Length) ? NtStatus.Success : NtStatus.InvalidParameter;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<NtStatus> ReadAsync(SmbRequest request, SmbOpen open, Open file, ReadRequest read)
    {
        var length = (int)read.Length;
        var padding = request.Connection.ReadPaddingBytes;
        var memory = request.Response.GetMemory(ReadResponse.BodyBytes + padding + length);
        var data = memory.Slice(ReadResponse.BodyBytes + padding, length);
        var done = 0;
        while (done < length)
        {
            var part = Math.Min(length - done, FileSystemLimits.TransferBytesMax);
            var result = await file.ReadAsync((long)read.Offset + done, data.Slice(done, part));
            if (result.Status != FileStatus.Ok) return result.Status.ToNtStatus();

            done += result.Bytes;
            if (result.EndOfFile || result.Bytes < part) break;
        }

        if (done == 0 && AppleStreams.IsAfpInfo(request.Tree.Share, file)) done = await ReadBlankAsync(file, read, data);
        if ((done == 0 && length != 0) || done < read.MinimumCount) return NtStatus.EndOfFile;

        open.Queries.Position = (long)read.Offset + done;
        ReadResponse.WriteHead(memory.Span, done, padding);
        request.Response.Advance(ReadResponse.BodyBytes + padding + done);
        return NtStatus.Success;
    }

    private static async ValueTask<int> ReadBlankAsync(Open file, ReadRequest read, Memory<byte> data)
    {
        var attributes = await file.GetAttributesAsync();
        return attributes.Status == FileStatus.Ok && attributes.Attributes.Size == 0
            ? AfpInfoStream.ReadBlank((long)read.Offset, data.Span)
            : 0;
    }
}
