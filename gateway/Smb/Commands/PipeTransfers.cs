using Gateway.Protocol.Smb2;
using Gateway.Smb.Pipes;

namespace Gateway.Smb.Commands;

/// <summary>READ and WRITE of a pipe: messages, whatever the offset says (MS-SMB2 3.3.5.12, 3.3.5.13).</summary>
internal static class PipeTransfers
{
    /// <summary>BufferOverflow with what fits, when the message is longer; the rest is read next.</summary>
    public static async ValueTask<NtStatus> ReadAsync(SmbRequest request, Pipe pipe, ReadRequest read)
    {
        var length = (int)read.Length;
        var memory = request.Response.GetMemory(ReadResponse.BodyBytes + length);
        using var waiting = new PendingWait(request);
        var result = await pipe.ReadAsync(memory.Slice(ReadResponse.BodyBytes, length), waiting.Begin, waiting.Stop);
        if (result.Status == NtStatus.Cancelled) return waiting.GivenUp;
        if (result.Status is not (NtStatus.Success or NtStatus.BufferOverflow)) return result.Status;

        ReadResponse.WriteHead(memory.Span, result.Bytes);
        request.Response.Advance(ReadResponse.BodyBytes + result.Bytes);
        return result.Status;
    }

    public static async ValueTask<NtStatus> WriteAsync(SmbRequest request, Pipe pipe, WriteRequest write)
    {
        var status = await pipe.WriteAsync(request.Message.Slice(write.DataOffset, write.Length), request.Aborted);
        if (status != NtStatus.Success) return status;

        new WriteResponse((uint)write.Length).Write(request.Response.Reserve(WriteResponse.BodyBytes));
        return NtStatus.Success;
    }
}
