using Gateway.Protocol.DceRpc;
using Gateway.Protocol.Srvsvc;
using Gateway.Protocol.Wkssvc;

namespace Gateway.Smb.Pipes;

/// <summary>The Workstation Service, MS-WKST 3.2.4: what clients ask of a server before they show it.</summary>
internal sealed class WkssvcInterface(IServerDirectory directory) : IRpcInterface
{
    public DceSyntax Syntax => WkssvcProtocol.Syntax;

    public bool AllowsAnonymous => false;

    public ValueTask<DceFaultStatus> CallAsync(PipeCall call, CancellationToken cancellation) => new((WkssvcOperation)call.Operation switch
    {
        WkssvcOperation.WkstaGetInfo => GetInfo(call),
        WkssvcOperation.WkstaUserEnum => UserEnum(call),
        _ => DceFaultStatus.OperationRange,
    });

    private DceFaultStatus GetInfo(PipeCall call)
    {
        if (!GetInfoRequest.TryParse(call.Stub.Span, named: false, out var request)) return DceFaultStatus.BadStubData;
        if (!WorkstationEntry.IsKnown(request.Level))
        {
            LevelReply.WriteError(call.Reply, request.Level, Win32Error.InvalidLevel);
            return DceFaultStatus.None;
        }

        // How many users there are is told to administrators only (MS-WKST 3.2.4.1).
        var isTold = request.Level < 102 || call.Caller.IsAdministrator;
        if (isTold)
        {
            var users = request.Level < 102 ? 0 : (uint)directory.ListSessions().Count;
            LevelReply.Write(call.Reply, request.Level, new WorkstationEntry(directory.ServerName, directory.Workgroup, users));
        }
        else
        {
            LevelReply.WriteError(call.Reply, request.Level, Win32Error.AccessDenied);
        }

        return DceFaultStatus.None;
    }

    private DceFaultStatus UserEnum(PipeCall call)
    {
        if (!EnumRequest.TryParse(call.Stub.Span, 1, out var request)) return DceFaultStatus.BadStubData;

        if (!call.Caller.IsAdministrator) EnumReply.WriteError(call.Reply, request, Win32Error.AccessDenied);
        else if (!WorkstationUser.IsKnown(request.Level)) EnumReply.WriteError(call.Reply, request, Win32Error.InvalidLevel);
        else EnumReply.Write(call.Reply, request, Users());
        return DceFaultStatus.None;
    }

    private WorkstationUser[] Users() =>
    [
        .. directory.ListSessions()
            .Select(session => session.UserName)
            .Distinct(StringComparer.OrdinalIgnoreCase)
            .Select(name => new WorkstationUser(name, directory.ServerName)),
    ];
}
