using Gateway.Protocol.Smb2;
using Gateway.Protocol.Smb2.Information;

namespace Gateway.Smb.Commands;

/// <summary>SET_INFO: MS-SMB2 3.3.5.21.</summary>
internal static class SetInfoCommand
{
    public static async ValueTask<NtStatus> RunAsync(SmbRequest request)
    {
        var status = await SetAsync(request);
        if (status == NtStatus.Success) SetInfoRequest.WriteResponse(request.Response.Reserve(SetInfoRequest.ResponseBytes));
        return status;
    }

    private static ValueTask<NtStatus> SetAsync(SmbRequest request)
    {
        if (!SetInfoRequest.TryParse(request.Message.Span, out var set)) return new(NtStatus.InvalidParameter);
        if (set.Buffer.Length > InformationResponse.BytesMax(request)) return new(NtStatus.InvalidParameter);

        var status = request.CheckCredits(set.Buffer.Length);
        if (status != NtStatus.Success) return new(status);
        status = request.TryGetOpen(set.FileId, out var open);
        if (status != NtStatus.Success) return new(status);
        if (open.File is not { } file) return new(NtStatus.NotSupported);

        return set.InfoType switch
        {
            InfoType.File => SetFileInformation.RunAsync(
                request, open, (FileInformationClass)set.InfoClass, set.Buffer),
            InfoType.Security => SetSecurity.RunAsync(request, file, set.AdditionalInformation, set.Buffer),

            // Labels and quotas are not kept.
            InfoType.FileSystem or InfoType.Quota => new(NtStatus.NotSupported),
            _ => new(NtStatus.InvalidParameter),
        };
    }
}
