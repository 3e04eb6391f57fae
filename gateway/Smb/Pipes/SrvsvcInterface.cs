using Gateway.Protocol.DceRpc;
using Gateway.Protocol.Srvsvc;

namespace Gateway.Smb.Pipes;

/// <summary>The Server Service, MS-SRVS 3.1.4: which shares there are, what the server is, who is on it.</summary>
/// <remarks>It tells and does not change: shares are made by the command line, and sessions end by themselves.</remarks>
internal sealed class SrvsvcInterface(IServerDirectory directory) : IRpcInterface
{
    public DceSyntax Syntax => SrvsvcProtocol.Syntax;

    public bool AllowsAnonymous => true;

    public ValueTask<DceFaultStatus> CallAsync(PipeCall call, CancellationToken cancellation) => new(Call(call));

    private DceFaultStatus Call(PipeCall call)
    {
        var operation = (SrvsvcOperation)call.Operation;
        if (call.Caller.IsAnonymous && !IsForAnonymous(operation)) return DceFaultStatus.AccessDenied;

        return operation switch
        {
            SrvsvcOperation.ShareEnum => ShareEnum(call, ShareEntry.IsEnumerable),
            SrvsvcOperation.ShareEnumSticky => ShareEnum(call, ShareEntry.IsEnumerableSticky),
            SrvsvcOperation.ShareCheck => ShareCheck(call),
            SrvsvcOperation.ShareGetInfo => ShareGetInfo(call),
            SrvsvcOperation.ServerGetInfo => ServerGetInfo(call),
            SrvsvcOperation.SessionEnum => SessionEnum(call),
            SrvsvcOperation.ConnectionEnum => Refused(call, names: 2),
            SrvsvcOperation.FileEnum => Refused(call, names: 3),
            SrvsvcOperation.RemoteTimeOfDay => RemoteTimeOfDay(call),
            SrvsvcOperation.NameValidate => NameValidate(call),
            SrvsvcOperation.GetFileSecurity => NoPointer(call, Win32Error.NotSupported),
            SrvsvcOperation.ShareAdd or SrvsvcOperation.ShareSetInfo or SrvsvcOperation.ServerSetInfo =>
                NoPointer(call, Win32Error.AccessDenied),
            SrvsvcOperation.ShareDel or SrvsvcOperation.ShareDelSticky or SrvsvcOperation.SessionDel
                or SrvsvcOperation.FileClose => Status(call, Win32Error.AccessDenied),
            SrvsvcOperation.SetFileSecurity => Status(call, Win32Error.NotSupported),
            _ => DceFaultStatus.OperationRange,
        };
    }

    private static bool IsForAnonymous(SrvsvcOperation operation) => operation
        is SrvsvcOperation.ShareEnum or SrvsvcOperation.ShareEnumSticky or SrvsvcOperation.ShareGetInfo or SrvsvcOperation.ServerGetInfo;

    /// <summary>Whether the level of a share is known, and for who asks.</summary>
    private static Win32Error CheckLevel(PipeCall call, uint level, Func<uint, bool> isKnown, Func<uint, bool> isPublic)
    {
        if (!isKnown(level)) return Win32Error.InvalidLevel;
        return call.Caller.IsAnonymous && !isPublic(level) ? Win32Error.AccessDenied : Win32Error.Success;
    }

    private DceFaultStatus ShareEnum(PipeCall call, Func<uint, bool> isKnown)
    {
        if (!EnumRequest.TryParse(call.Stub.Span, 1, out var request)) return DceFaultStatus.BadStubData;

        var error = CheckLevel(call, request.Level, isKnown, ShareEntry.IsListPublic);
        if (error != Win32Error.Success) EnumReply.WriteError(call.Reply, request, error);
        else EnumReply.Write(call.Reply, request, [.. directory.ListShares().Where(share => share.IsListed)]);
        return DceFaultStatus.None;
    }

    private DceFaultStatus ShareGetInfo(PipeCall call)
    {
        if (!GetInfoRequest.TryParse(call.Stub.Span, named: true, out var request)) return DceFaultStatus.BadStubData;

        var share = directory.ListShares().FirstOrDefault(each => each.Name.Equals(request.Name, StringComparison.OrdinalIgnoreCase));
        var error = CheckLevel(call, request.Level, ShareEntry.IsKnown, ShareEntry.IsPublic);
        if (error != Win32Error.Success) LevelReply.WriteError(call.Reply, request.Level, error);
        else if (share is null) LevelReply.WriteError(call.Reply, request.Level, Win32Error.NetNameNotFound);
        else LevelReply.Write(call.Reply, request.Level, share);
        return DceFaultStatus.None;
    }

    private DceFaultStatus ShareCheck(PipeCall call)
    {
        if (!ShareCheckRequest.TryParse(call.Stub.Span, out var request)) return DceFaultStatus.BadStubData;

        var share = directory.ListShares().FirstOrDefault(each => each.Path.Equals(request.Device, StringComparison.OrdinalIgnoreCase));
        call.Reply.WriteUInt32((uint)(share?.Kind ?? ShareKind.Disk));
        return Status(call, share is null ? Win32Error.DeviceNotShared : Win32Error.Success);
    }

    private DceFaultStatus ServerGetInfo(PipeCall call)
    {
        if (!GetInfoRequest.TryParse(call.Stub.Span, named: false, out var request)) return DceFaultStatus.BadStubData;

        if (ServerEntry.IsKnown(request.Level))
            LevelReply.Write(call.Reply, request.Level, new ServerEntry(directory.ServerName, directory.Comment));
        else
            LevelReply.WriteError(call.Reply, request.Level, Win32Error.InvalidLevel);
        return DceFaultStatus.None;
    }

    /// <summary>Everybody sees his own sessions, an administrator those of all.</summary>
    private DceFaultStatus SessionEnum(PipeCall call)
    {
        if (!EnumRequest.TryParse(call.Stub.Span, 3, out var request)) return DceFaultStatus.BadStubData;
        if (!SessionEntry.IsKnown(request.Level))
        {
            EnumReply.WriteError(call.Reply, request, Win32Error.InvalidLevel);
            return DceFaultStatus.None;
        }

        var client = request.Names[1]?.TrimStart('\\');
        var user = call.Caller.IsAdministrator ? request.Names[2] : call.Caller.UserName;
        SessionEntry[] sessions =
        [
            .. directory.ListSessions().Where(session =>
                (string.IsNullOrEmpty(client) || client.Equals(session.ClientName, StringComparison.OrdinalIgnoreCase))
                && (string.IsNullOrEmpty(user) || user.Equals(session.UserName, StringComparison.OrdinalIgnoreCase))),
        ];
        EnumReply.Write(call.Reply, request, sessions);
        return DceFaultStatus.None;
    }

    private DceFaultStatus RemoteTimeOfDay(PipeCall call)
    {
        var reader = new NdrReader(call.Stub.Span);
        reader.ReadUniqueString(SrvsvcProtocol.NameLengthMax);
        if (!reader.Intact) return DceFaultStatus.BadStubData;

        var uptime = directory.Time.GetElapsedTime(0).TotalMilliseconds;
        new TimeOfDay(directory.Time.GetUtcNow().ToUnixTimeMilliseconds(), (uint)(uptime % uint.MaxValue)).Write(call.Reply);
        return DceFaultStatus.None;
    }

    private static DceFaultStatus NameValidate(PipeCall call) =>
        NameValidateRequest.TryParse(call.Stub.Span, out var request) ? Status(call, request.Check()) : DceFaultStatus.BadStubData;

    /// <summary>An enumeration of what is no business of who asks: opens and connections of others.</summary>
    private static DceFaultStatus Refused(PipeCall call, int names)
    {
        if (!EnumRequest.TryParse(call.Stub.Span, names, out var request)) return DceFaultStatus.BadStubData;

        EnumReply.WriteError(call.Reply, request, call.Caller.IsAdministrator ? Win32Error.NotSupported : Win32Error.AccessDenied);
        return DceFaultStatus.None;
    }

    /// <summary>Operations whose one result besides the status is a pointer.</summary>
    private static DceFaultStatus NoPointer(PipeCall call, Win32Error error)
    {
        call.Reply.WritePointer(false);
        return Status(call, error);
    }

    private static DceFaultStatus Status(PipeCall call, Win32Error error)
    {
        call.Reply.WriteUInt32((uint)error);
        return DceFaultStatus.None;
    }
}
