using Gateway.FileSystem;
using Gateway.Nfs.Rpc;
using Gateway.Protocol.Nfs3;
using Gateway.Protocol.Wire;

namespace Gateway.Nfs;

/// <summary>SETATTR, REMOVE, RMDIR, RENAME and LINK: RFC 1813 §3.3.2, §3.3.12 to §3.3.15.</summary>
internal sealed class Nfs3Removals(Nfs3Changes changes)
{
    public ValueTask<RpcAcceptStatus> SetAttrAsync(RpcContext call)
    {
        if (!SetAttrArgs.TryParse(call.Arguments.Span, out var args)) return new(RpcAcceptStatus.GarbageArguments);

        var at = changes.Enter(call, args.Handle, out var node, out var status);
        var wanted = default(AttributeChanges);
        if (status == Nfs3Status.Ok) status = args.Attributes.TryToChanges(out wanted);
        if (status != Nfs3Status.Ok) return Nfs3Changes.RefuseAsync(call, status, at, node);

        var reply = changes.Record(call, at);
        return Nfs3Changes.AnswerAsync(call, at, reply, at.Tree.SetAttributesAsync(
            node, wanted, args.Guard?.ToTimestamp(), at.Caller, reply));
    }

    public ValueTask<RpcAcceptStatus> RemoveAsync(RpcContext call)
    {
        if (!DirOpArgs.TryParse(call.Arguments.Span, out var args)) return new(RpcAcceptStatus.GarbageArguments);

        var at = changes.Enter(call, args.Directory, out var directory, out var status);
        if (status != Nfs3Status.Ok) return Nfs3Changes.RefuseAsync(call, status, at, directory);

        var reply = changes.Record(call, at);
        return Nfs3Changes.AnswerAsync(call, at, reply, at.Tree.RemoveAsync(directory, args.Name, at.Caller, reply));
    }

    public ValueTask<RpcAcceptStatus> RmDirAsync(RpcContext call)
    {
        if (!DirOpArgs.TryParse(call.Arguments.Span, out var args)) return new(RpcAcceptStatus.GarbageArguments);

        var at = changes.Enter(call, args.Directory, out var directory, out var status);
        if (status != Nfs3Status.Ok) return Nfs3Changes.RefuseAsync(call, status, at, directory);

        var reply = changes.Record(call, at);
        return Nfs3Changes.AnswerAsync(
            call, at, reply, at.Tree.RemoveDirectoryAsync(directory, args.Name, at.Caller, reply));
    }

    public ValueTask<RpcAcceptStatus> RenameAsync(RpcContext call)
    {
        if (!RenameArgs.TryParse(call.Arguments.Span, out var args)) return new(RpcAcceptStatus.GarbageArguments);

        var at = changes.Enter(call, args.From.Directory, out var from, out var status);
        var target = changes.Enter(call, args.To.Directory, out var to, out var targetStatus);
        if (status == Nfs3Status.Ok) status = targetStatus;
        if (status == Nfs3Status.Ok && at.Tree != target.Tree) status = Nfs3Status.CrossDevice;
        if (status != Nfs3Status.Ok) return Nfs3Changes.RefuseAsync(call, status, at, from, target, to);

        var reply = changes.Record(call, at);
        return Nfs3Changes.AnswerAsync(call, at, reply, at.Tree.RenameAsync(
            from, args.From.Name, to, args.To.Name, at.Caller, reply));
    }

    public ValueTask<RpcAcceptStatus> LinkAsync(RpcContext call)
    {
        if (!LinkArgs.TryParse(call.Arguments.Span, out var args)) return new(RpcAcceptStatus.GarbageArguments);

        var at = changes.Enter(call, args.Handle, out var node, out var status);
        var target = changes.Enter(call, args.Link.Directory, out var directory, out var targetStatus);
        if (status == Nfs3Status.Ok) status = targetStatus;
        if (status == Nfs3Status.Ok && at.Tree != target.Tree) status = Nfs3Status.CrossDevice;
        if (status != Nfs3Status.Ok) return Nfs3Changes.RefuseAsync(call, status, at, node, target, directory);

        var reply = changes.Record(call, at);
        return Nfs3Changes.AnswerAsync(
            call, at, reply, at.Tree.LinkAsync(node, directory, args.Link.Name, at.Caller, reply));
    }
}
