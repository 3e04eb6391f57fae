using Gateway.Protocol.Smb2;

namespace Gateway.Smb.Connections;

/// <summary>ECHO (MS-SMB2 3.3.5.17).</summary>
internal static class Echo
{
    public static ValueTask<NtStatus> RunAsync(SmbRequest request)
    {
        EmptyMessage.Write(request.Response.Reserve(EmptyMessage.BodyBytes));
        return new(NtStatus.Success);
    }
}
