using Gateway.Protocol.Smb2;
using Gateway.Smb.Names;
using Gateway.Smb.Pipes;

namespace Gateway.Smb.Commands;

/// <summary>Opens the pipes of the share IPC$ for CREATE (MS-SMB2 3.3.5.9, last part).</summary>
internal static class CreatePipe
{
    /// <summary>What a pipe on Windows says of itself.</summary>
    private const int PipeAllocationBytes = 4096;

    public static async ValueTask<NtStatus> OpenAsync(CreateCall call)
    {
        // Pipes do not outlive their connection.
        if (call.IsReconnect)
            return NtStatus.ObjectNameNotFound;
        var status = call.CheckFields();
        if (status != NtStatus.Success)
            return status;
        if (call.Path.Names.Count != 1 || !call.Path.Stream.IsEmpty)
            return NtStatus.ObjectNameNotFound;
        status = call.Request.Server.Opens.TryAdd(call.Request.Tree, out var added);
        if (added is not { } open)
            return status;
        status = call.Request.Server.Pipes.TryOpen(
            SmbNames.ToWire(call.Path.Names[0].Span), PipeCaller.Of(call.Request.Session), out var pipe);
        if (pipe is null)
        {
            await open.CloseAsync();
            return status;
        }

        if (!open.TryConnect(pipe))
        {
            pipe.Dispose();
            return NtStatus.FileClosed;
        }

        CreateAnswer.Write(call, open, new CreateResponse
        {
            OplockLevel = Smb2OplockLevel.None,
            Action = CreateAction.Opened,
            File = open.Id,
            Attributes = new OpenAttributes
            {
                CreationTime = 0,
                LastAccessTime = 0,
                LastWriteTime = 0,
                ChangeTime = 0,
                AllocationSize = PipeAllocationBytes,
                EndOfFile = 0,
                FileAttributes = Smb2FileAttributes.Normal,
            },
        });
        return NtStatus.Success;
    }
}
