using System.Runtime.InteropServices;
using Gateway.Protocol.Smb2;
using Gateway.Protocol.Smb2.FileControl;
using Gateway.Smb.Pipes;

namespace Gateway.Smb.Commands;

/// <summary>FSCTLs of pipes.</summary>
internal static class IoctlPipes
{
    public static Func<IoctlCall, ValueTask<NtStatus>>? Find(FileControlCode code) => code switch
    {
        FileControlCode.PipeTransceive => TransceiveAsync,
        FileControlCode.PipeWait => static call => new(Wait(call)),
        _ => null,
    };

    /// <summary>MS-SMB2 3.3.5.15.10: a message there, and the one that answers it.</summary>
    private static ValueTask<NtStatus> TransceiveAsync(IoctlCall call)
    {
        if (!call.Request.Tree.IsPipe) return new(NtStatus.NotSupported);

        return call.Open?.Pipe is { } pipe ? TransceiveAsync(call, pipe) : new(NtStatus.FileClosed);
    }

    private static async ValueTask<NtStatus> TransceiveAsync(IoctlCall call, Pipe pipe)
    {
        using var waiting = new PendingWait(call.Request);
        var status = await pipe.WriteAsync(call.Input, waiting.Stop);
        if (status != NtStatus.Success) return status;

        var output = call.Prepare(call.OutputMax);
        var result = await pipe.ReadAsync(output[..call.OutputMax], waiting.Begin, waiting.Stop);
        if (result.Status == NtStatus.Cancelled) return waiting.GivenUp;
        if (result.Status is not (NtStatus.Success or NtStatus.BufferOverflow)) return result.Status;

        call.Commit(result.Bytes);
        return result.Status;
    }

    /// <summary>MS-SMB2 3.3.5.15.4: there are always instances to be had of the pipes there are.</summary>
    private static NtStatus Wait(IoctlCall call)
    {
        if (!call.Request.Tree.IsPipe) return NtStatus.InvalidDeviceRequest;
        if (!PipeWaitRequest.TryParse(call.Input.Span, out var asked)) return NtStatus.InvalidParameter;

        var name = MemoryMarshal.Cast<byte, char>(asked.Name).ToString();
        return Pipe.Exists(name) ? call.Done() : NtStatus.ObjectNameNotFound;
    }
}
