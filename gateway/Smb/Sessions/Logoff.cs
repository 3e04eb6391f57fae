using Gateway.Protocol.Smb2;

namespace Gateway.Smb.Sessions;

/// <summary>LOGOFF (MS-SMB2 3.3.5.6).</summary>
internal static class Logoff
{
    public static async ValueTask<NtStatus> RunAsync(SmbRequest request)
    {
        await request.Server.EndSessionAsync(request.Session, keepsDurable: true);
        EmptyMessage.Write(request.Response.Reserve(EmptyMessage.BodyBytes));
        return NtStatus.Success;
    }
}
