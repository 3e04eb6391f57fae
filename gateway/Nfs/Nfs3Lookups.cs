using System.Runtime.CompilerServices;
using Gateway.FileSystem;
using Gateway.Nfs.Exports;
using Gateway.Nfs.Rpc;
using Gateway.Protocol.Nfs3;
using Gateway.Protocol.Wire;

namespace Gateway.Nfs;

/// <summary>GETATTR, ACCESS, LOOKUP and READLINK: RFC 1813 §3.3.1, §3.3.3 to §3.3.5.</summary>
internal sealed class Nfs3Lookups(ExportTable exports)
{
    private const AccessRights ChangeRights = AccessRights.Modify | AccessRights.Extend | AccessRights.Delete;

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<RpcAcceptStatus> GetAttrAsync(RpcContext call)
    {
        if (!HandleArgs.TryParse(call.Arguments.Span, out var args)) return RpcAcceptStatus.GarbageArguments;

        var at = exports.Enter(call, args.Handle, out var node);
        if (!at.IsAdmitted)
        {
            new GetAttrRes { Status = at.Outcome.ToNfs3() }.Write(call.Output);
            return RpcAcceptStatus.Success;
        }

        var found = await at.Tree.GetAttributesAsync(node, call.Aborted);
        var ok = found.Status == FileStatus.Ok;
        new GetAttrRes { Status = found.Status.ToNfs3(), Attributes = ok ? found.Attributes.ToNfs3() : null }
            .Write(call.Output);
        return RpcAcceptStatus.Success;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<RpcAcceptStatus> AccessAsync(RpcContext call)
    {
        if (!AccessArgs.TryParse(call.Arguments.Span, out var args)) return RpcAcceptStatus.GarbageArguments;

        var wanted = (AccessRights)(args.Access & Nfs3AccessBits.All);
        var at = exports.Enter(call, args.Handle, out var node);
        if (!at.IsAdmitted)
        {
            new AccessRes { Status = at.Outcome.ToNfs3() }.Write(call.Output);
            return RpcAcceptStatus.Success;
        }

        var result = await at.Tree.AccessAsync(node, wanted, at.Caller, call.Aborted);
        var granted = at.IsReadOnly ? result.Granted & ~ChangeRights : result.Granted;
        new AccessRes
        {
            Status = result.Status.ToNfs3(),
            Attributes = result.Attributes?.ToNfs3(),
            Access = (Nfs3AccessBits)granted,
        }.Write(call.Output);
        return RpcAcceptStatus.Success;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<RpcAcceptStatus> LookupAsync(RpcContext call)
    {
        if (!DirOpArgs.TryParse(call.Arguments.Span, out var args)) return RpcAcceptStatus.GarbageArguments;

        var at = exports.Enter(call, args.Directory, out var directory);
        if (!at.IsAdmitted)
        {
            new LookupRes { Status = at.Outcome.ToNfs3() }.Write(call.Output);
            return RpcAcceptStatus.Success;
        }

        var found = await at.Tree.LookupAsync(directory, args.Name, at.Caller, call.Aborted);
        var ok = found.Status == FileStatus.Ok;
        new LookupRes
        {
            Status = found.Status.ToNfs3(),
            Handle = ok ? at.Tree.Handles.ToNfs3(found.Attributes.Node) : default,
            ObjectAttributes = ok ? found.Attributes.ToNfs3() : null,
            DirectoryAttributes = found.Directory?.ToNfs3(),
        }.Write(call.Output);
        return RpcAcceptStatus.Success;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<RpcAcceptStatus> ReadLinkAsync(RpcContext call)
    {
        if (!HandleArgs.TryParse(call.Arguments.Span, out var args)) return RpcAcceptStatus.GarbageArguments;

        var at = exports.Enter(call, args.Handle, out var node);
        if (!at.IsAdmitted)
        {
            new ReadLinkRes { Status = at.Outcome.ToNfs3() }.Write(call.Output);
            return RpcAcceptStatus.Success;
        }

        var found = await at.Tree.ReadLinkAsync(node, at.Caller, call.Aborted);
        new ReadLinkRes
        {
            Status = found.Status.ToNfs3(),
            Attributes = found.Attributes?.ToNfs3(),
            Path = found.Target.Span,
        }.Write(call.Output);
        return RpcAcceptStatus.Success;
    }
}
