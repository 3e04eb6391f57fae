using Gateway.FileSystem;
using Gateway.Nfs.Rpc;
using Gateway.Protocol.Nfs3;
using Gateway.Protocol.Wire;

namespace Gateway.Nfs;

/// <summary>CREATE, MKDIR, SYMLINK and MKNOD: RFC 1813 §3.3.8 to §3.3.11.</summary>
internal sealed class Nfs3Creations(Nfs3Changes changes)
{
    public ValueTask<RpcAcceptStatus> CreateAsync(RpcContext call)
    {
        if (!CreateArgs.TryParse(call.Arguments.Span, out var args)) return new(RpcAcceptStatus.GarbageArguments);

        var at = changes.Enter(call, args.Where.Directory, out var directory, out var status);
        var wanted = default(AttributeChanges);
        if (status == Nfs3Status.Ok) status = args.Attributes.TryToChanges(out wanted);
        if (status != Nfs3Status.Ok) return Nfs3Changes.RefuseAsync(call, status, at, directory);

        var reply = changes.Record(call, at);
        return Nfs3Changes.AnswerAsync(call, at, reply, at.Tree.CreateAsync(
            directory, args.Where.Name, (CreateMode)args.Mode, wanted, args.Verifier, at.Caller, reply));
    }

    public ValueTask<RpcAcceptStatus> MkDirAsync(RpcContext call)
    {
        if (!MkDirArgs.TryParse(call.Arguments.Span, out var args)) return new(RpcAcceptStatus.GarbageArguments);

        var at = changes.Enter(call, args.Where.Directory, out var directory, out var status);
        var wanted = default(AttributeChanges);
        if (status == Nfs3Status.Ok) status = args.Attributes.TryToChanges(out wanted);
        if (status != Nfs3Status.Ok) return Nfs3Changes.RefuseAsync(call, status, at, directory);

        var reply = changes.Record(call, at);
        return Nfs3Changes.AnswerAsync(call, at, reply, at.Tree.MakeDirectoryAsync(
            directory, args.Where.Name, wanted, at.Caller, reply));
    }

    public ValueTask<RpcAcceptStatus> SymLinkAsync(RpcContext call)
    {
        if (!SymLinkArgs.TryParse(call.Arguments.Span, out var args)) return new(RpcAcceptStatus.GarbageArguments);

        var at = changes.Enter(call, args.Where.Directory, out var directory, out var status);
        var wanted = default(AttributeChanges);
        if (status == Nfs3Status.Ok) status = args.Attributes.TryToChanges(out wanted);
        if (status != Nfs3Status.Ok) return Nfs3Changes.RefuseAsync(call, status, at, directory);

        var reply = changes.Record(call, at);
        return Nfs3Changes.AnswerAsync(call, at, reply, at.Tree.MakeSymbolicLinkAsync(
            directory, args.Where.Name, args.Path, wanted, at.Caller, reply));
    }

    public ValueTask<RpcAcceptStatus> MkNodAsync(RpcContext call)
    {
        if (!MkNodArgs.TryParse(call.Arguments.Span, out var args)) return new(RpcAcceptStatus.GarbageArguments);

        var at = changes.Enter(call, args.Where.Directory, out var directory, out var status);
        var wanted = default(AttributeChanges);
        if (status == Nfs3Status.Ok && !IsSpecial(args.Type)) status = Nfs3Status.BadType;
        if (status == Nfs3Status.Ok) status = args.Attributes.TryToChanges(out wanted);
        if (status != Nfs3Status.Ok) return Nfs3Changes.RefuseAsync(call, status, at, directory);

        var reply = changes.Record(call, at);
        return Nfs3Changes.AnswerAsync(call, at, reply, at.Tree.MakeNodeAsync(
            directory,
            args.Where.Name,
            (NodeType)args.Type,
            new DeviceNumber(args.Device.Major, args.Device.Minor),
            wanted,
            at.Caller,
            reply));
    }

    private static bool IsSpecial(Nfs3FileType type) =>
        type is Nfs3FileType.BlockDevice or Nfs3FileType.CharacterDevice or Nfs3FileType.Socket or Nfs3FileType.Fifo;
}
