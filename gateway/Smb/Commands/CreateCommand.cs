using Gateway.Protocol.Smb2;

namespace Gateway.Smb.Commands;

/// <summary>CREATE (MS-SMB2 3.3.5.9): opens, makes or overwrites a file, directory or stream, or opens a pipe.</summary>
internal static class CreateCommand
{
    public static ValueTask<NtStatus> RunAsync(SmbRequest request)
    {
        if (!CreateRequest.TryParse(request.Message.Span, out var asked)
            || !CreateContexts.TryParse(asked.Contexts, out var contexts))
        {
            return ValueTask.FromResult(NtStatus.InvalidParameter);
        }

        var call = new CreateCall(request, asked, contexts);
        var status = call.CheckContexts();
        if (status != NtStatus.Success)
            return ValueTask.FromResult(status);
        if (request.Tree.IsPipe)
            return CreatePipe.OpenAsync(call);
        if (call.IsReconnect)
            return CreateReconnect.OpenAsync(call);
        status = call.CheckFields();
        if (status != NtStatus.Success)
            return ValueTask.FromResult(status);
        return call.DurableV2 is { } durable && durable.CreateGuid != Guid.Empty
            ? CreateReplay.OpenAsync(call, durable.CreateGuid)
            : CreateFile.OpenAsync(call);
    }
}
