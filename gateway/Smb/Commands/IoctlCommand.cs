using Gateway.Protocol.Smb2;
using Gateway.Protocol.Smb2.FileControl;

namespace Gateway.Smb.Commands;

/// <summary>IOCTL (MS-SMB2 3.3.5.15): checks what all FSCTLs have in common, and hands them to who carries them out.</summary>
internal static class IoctlCommand
{
    public static ValueTask<NtStatus> RunAsync(SmbRequest request)
    {
        if (!IoctlRequest.TryParse(request.Message.Span, out var asked)) return new(NtStatus.InvalidParameter);

        var status = CheckSizes(request, asked);
        if (status != NtStatus.Success) return new(status);
        if (!asked.IsFileSystemControl) return new(NtStatus.NotSupported);

        var call = new IoctlCall(request, asked);
        if (IoctlTorture.Find(call) is { } ofTests) return ofTests(call, asked.FileId);
        if (IsWithoutFile(asked.Code)) return asked.FileId.IsAny ? RunAsync(call) : new(NtStatus.InvalidParameter);

        status = request.TryGetOpen(asked.FileId, out var open);
        if (status != NtStatus.Success) return new(status);

        call.Open = open;
        return RunAsync(call);
    }

    private static NtStatus CheckSizes(SmbRequest request, in IoctlRequest asked)
    {
        long bytesMax = request.Connection.Negotiation.TransferBytesMax;
        var sent = (long)asked.Input.Length + asked.OutputCount;
        var wanted = (long)asked.MaxInputResponse + asked.MaxOutputResponse;
        return sent > bytesMax || asked.MaxInputResponse > bytesMax || asked.MaxOutputResponse > bytesMax
            ? NtStatus.InvalidParameter
            : request.CheckCredits(Math.Max(sent, wanted));
    }

    /// <summary>About the connection or the server: the FileId must be all ones (MS-SMB2 2.2.31).</summary>
    private static bool IsWithoutFile(FileControlCode code) => code
        is FileControlCode.DfsGetReferrals
        or FileControlCode.DfsGetReferralsEx
        or FileControlCode.PipeWait
        or FileControlCode.ValidateNegotiate
        or FileControlCode.QueryNetworkInterfaces;

    private static ValueTask<NtStatus> RunAsync(IoctlCall call)
    {
        if (IoctlServer.Find(call.Code) is { } ofServer) return new(ofServer(call));

        if (IoctlPipes.Find(call.Code) is { } ofPipe) return ofPipe(call);

        var handler = IoctlAttributes.Find(call.Code)
            ?? IoctlRanges.Find(call.Code)
            ?? IoctlCopies.Find(call.Code)
            ?? IoctlReparsePoints.Find(call.Code);
        if (handler is null || call.Request.Tree.IsPipe) return new(Unknown(call));

        // A pipe that was opened through another share is not possible; one without a file is.
        return call.Open?.File is { } file ? handler(call, file) : new(NtStatus.InvalidDeviceRequest);
    }

    /// <summary>IPC$ has no file system that could be asked.</summary>
    private static NtStatus Unknown(IoctlCall call) =>
        call.Request.Tree.IsPipe ? NtStatus.FsDriverRequired : NtStatus.InvalidDeviceRequest;
}
