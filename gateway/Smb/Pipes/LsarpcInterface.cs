using Gateway.FileSystem.Security;
using Gateway.Protocol.DceRpc;
using Gateway.Protocol.Lsarpc;
using Gateway.Protocol.Smb2;

namespace Gateway.Smb.Pipes;

/// <summary>The Local Security Authority, MS-LSAT 3.1.4 and a little of MS-LSAD: names for the SIDs of permissions.</summary>
internal sealed class LsarpcInterface(IServerDirectory directory) : IRpcInterface
{
    public DceSyntax Syntax => LsarpcProtocol.Syntax;

    public bool AllowsAnonymous => false;

    public async ValueTask<DceFaultStatus> CallAsync(PipeCall call, CancellationToken cancellation)
    {
        var operation = (LsarpcOperation)call.Operation;
        if (operation is not (LsarpcOperation.LookupSids or LsarpcOperation.LookupSids2
            or LsarpcOperation.LookupNames or LsarpcOperation.LookupNames2 or LsarpcOperation.LookupNames3))
        {
            return CallPolicy(call, operation);
        }

        var accounts = await directory.ListAccountsAsync(cancellation);
        var names = new AccountNames(directory.ServerName, directory.Sids, accounts);
        return operation is LsarpcOperation.LookupSids or LsarpcOperation.LookupSids2
            ? LookupSids(call, names, operation)
            : LookupNames(call, names, operation);
    }

    private DceFaultStatus CallPolicy(PipeCall call, LsarpcOperation operation) => operation switch
    {
        LsarpcOperation.Close => Close(call),
        LsarpcOperation.OpenPolicy => OpenPolicy(call, named: false),
        LsarpcOperation.OpenPolicy2 => OpenPolicy(call, named: true),
        LsarpcOperation.QueryInformationPolicy or LsarpcOperation.QueryInformationPolicy2 => QueryPolicy(call),
        LsarpcOperation.GetUserName => GetUserName(call),
        _ => DceFaultStatus.OperationRange,
    };

    private static DceFaultStatus Close(PipeCall call)
    {
        var reader = new NdrReader(call.Stub.Span);
        var handle = PolicyHandle.Read(ref reader);
        if (!reader.Intact) return DceFaultStatus.BadStubData;
        if (!call.Handles.Close(handle)) return DceFaultStatus.ContextMismatch;

        default(PolicyHandle).Write(call.Reply);
        return Done(call, NtStatus.Success);
    }

    private static DceFaultStatus OpenPolicy(PipeCall call, bool named)
    {
        if (!OpenPolicyRequest.TryParse(call.Stub.Span, named, out _)) return DceFaultStatus.BadStubData;

        // What the handle may do is decided by what there is to do: reading only.
        var handle = call.Handles.Open();
        (handle ?? default).Write(call.Reply);
        return Done(call, handle is null ? NtStatus.InsufficientResources : NtStatus.Success);
    }

    private DceFaultStatus QueryPolicy(PipeCall call)
    {
        if (!PolicyInformation.TryParseRequest(call.Stub.Span, out var policy, out var level)) return DceFaultStatus.BadStubData;
        if (!call.Handles.IsOpen(policy)) return DceFaultStatus.ContextMismatch;
        if (!PolicyInformation.IsKnown(level))
        {
            call.Reply.WritePointer(false);
            return Done(call, NtStatus.InvalidParameter);
        }

        var asked = (PolicyInformationClass)level;
        var isAccounts = asked == PolicyInformationClass.AccountDomain;
        new PolicyInformation(
            asked,
            isAccounts ? directory.ServerName : directory.Workgroup,
            isAccounts ? directory.Sids.Domain.ToBytes() : null).Write(call.Reply);
        return Done(call, NtStatus.Success);
    }

    private DceFaultStatus GetUserName(PipeCall call)
    {
        if (!GetUserNameRequest.TryParse(call.Stub.Span, out var request)) return DceFaultStatus.BadStubData;

        request.WriteReply(call.Reply, call.Caller.UserName, directory.ServerName);
        return Done(call, NtStatus.Success);
    }

    private static DceFaultStatus LookupSids(PipeCall call, AccountNames names, LsarpcOperation operation)
    {
        if (!LookupSidsRequest.TryParse(call.Stub.Span, out var request)) return DceFaultStatus.BadStubData;
        if (!call.Handles.IsOpen(request.Policy)) return DceFaultStatus.ContextMismatch;

        var domains = new ReferencedDomains();
        var results = new List<TranslatedName>(request.Sids.Count);
        var mapped = 0;
        foreach (var bytes in request.Sids)
        {
            var found = Sid.TryParse(bytes, out var sid, out _) ? names.Find(sid) : null;
            if (found is not null) mapped++;

            // Who is not known is called by the SID, as MS-LSAT 3.1.4.9 has it.
            results.Add(found is null
                ? new TranslatedName(SidNameUse.Unknown, sid.ToString(), ReferencedDomains.None)
                : new TranslatedName(found.Use, found.Name, domains.Add(found.Domain, found.DomainSid.ToBytes())));
        }

        domains.Write(call.Reply);
        TranslatedName.WriteAll(call.Reply, results, extended: operation == LsarpcOperation.LookupSids2);
        return DoneLookup(call, mapped, results.Count);
    }

    private static DceFaultStatus LookupNames(PipeCall call, AccountNames names, LsarpcOperation operation)
    {
        if (!LookupNamesRequest.TryParse(call.Stub.Span, out var request)) return DceFaultStatus.BadStubData;
        if (!call.Handles.IsOpen(request.Policy)) return DceFaultStatus.ContextMismatch;

        var domains = new ReferencedDomains();
        var results = new List<TranslatedSid>(request.Names.Count);
        var mapped = 0;
        foreach (var name in request.Names)
        {
            var found = names.Find(name);
            if (found is not null) mapped++;
            results.Add(found is null
                ? new TranslatedSid(SidNameUse.Unknown, null, ReferencedDomains.None)
                : new TranslatedSid(found.Use, found.Sid.ToBytes(), domains.Add(found.Domain, found.DomainSid.ToBytes())));
        }

        domains.Write(call.Reply);
        if (operation == LsarpcOperation.LookupNames3) TranslatedSid.WriteAllWhole(call.Reply, results);
        else TranslatedSid.WriteAll(call.Reply, results, extended: operation == LsarpcOperation.LookupNames2);
        return DoneLookup(call, mapped, results.Count);
    }

    private static DceFaultStatus DoneLookup(PipeCall call, int mapped, int asked)
    {
        call.Reply.WriteUInt32((uint)mapped);
        return Done(call, mapped == asked ? NtStatus.Success : mapped > 0 ? NtStatus.SomeNotMapped : NtStatus.NoneMapped);
    }

    private static DceFaultStatus Done(PipeCall call, NtStatus status)
    {
        call.Reply.WriteUInt32((uint)status);
        return DceFaultStatus.None;
    }
}
