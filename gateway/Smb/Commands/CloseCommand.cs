using Gateway.FileSystem;
using Gateway.Protocol.Smb2;
using Gateway.Smb.Opens;

namespace Gateway.Smb.Commands;

/// <summary>CLOSE (MS-SMB2 3.3.5.10): answered when what was written through the open is durable.</summary>
internal static class CloseCommand
{
    public static ValueTask<NtStatus> RunAsync(SmbRequest request)
    {
        if (!CloseRequest.TryParse(request.Message.Span, out var asked))
            return ValueTask.FromResult(NtStatus.InvalidParameter);
        var status = request.TryGetOpen(asked.File, out var open);
        return status == NtStatus.Success
            ? CloseAsync(request, open, asked.QueryAttributes)
            : ValueTask.FromResult(status);
    }

    private static async ValueTask<NtStatus> CloseAsync(SmbRequest request, SmbOpen open, bool queryAttributes)
    {
        var response = default(CloseResponse);
        if (queryAttributes && open.File is { } file)
        {
            await file.SettleWriteTimeAsync();

            // Attributes that cannot be read are left out: the open ends in any case.
            var read = await file.GetAttributesAsync();
            if (read.Status == FileStatus.Ok)
                response = new CloseResponse { Attributes = CreateAnswer.Show(open.Show(read.Attributes)) };
        }

        var status = await open.CloseAsync();
        if (status != FileStatus.Ok)
            return status.ToNtStatus();
        response.Write(request.Response.Reserve(CloseResponse.BodyBytes));
        return NtStatus.Success;
    }
}
