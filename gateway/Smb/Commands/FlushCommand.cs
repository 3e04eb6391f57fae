using Gateway.FileSystem.Opens;
using Gateway.FileSystem.Security;
using Gateway.Protocol.Smb2;

namespace Gateway.Smb.Commands;

/// <summary>FLUSH (MS-SMB2 3.3.5.11): what was written to the file, through any open, is durable.</summary>
internal static class FlushCommand
{
    public static ValueTask<NtStatus> RunAsync(SmbRequest request)
    {
        if (!FlushRequest.TryParse(request.Message.Span, out var flush)) return new(NtStatus.InvalidParameter);

        var status = request.TryGetOpen(flush.FileId, out var open);
        if (status != NtStatus.Success) return new(status);

        // What was written to a pipe has been taken by who is behind it.
        if (open.Pipe is not null) return new(Answer(request));
        if (open.File is not { } file) return new(NtStatus.FileClosed);

        // For a directory the same bits mean to add files and directories.
        return (file.Access & (AccessMask.WriteData | AccessMask.AppendData)) == 0
            ? new(NtStatus.AccessDenied)
            : FlushAsync(request, file);
    }

    private static async ValueTask<NtStatus> FlushAsync(SmbRequest request, Open file)
    {
        var status = (await file.FlushAsync()).ToNtStatus();
        return status == NtStatus.Success ? Answer(request) : status;
    }

    private static NtStatus Answer(SmbRequest request)
    {
        EmptyResponse.Write(request.Response.Reserve(EmptyResponse.BodyBytes));
        return NtStatus.Success;
    }
}
