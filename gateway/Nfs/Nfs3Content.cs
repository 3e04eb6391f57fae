using System.Buffers;
using System.Diagnostics.CodeAnalysis;
using System.Runtime.CompilerServices;
using Gateway.FileSystem;
using Gateway.Nfs.Exports;
using Gateway.Nfs.Rpc;
using Gateway.Protocol.Nfs3;
using Gateway.Protocol.Wire;

namespace Gateway.Nfs;

/// <summary>READ, WRITE and COMMIT: RFC 1813 §3.3.6, §3.3.7, §3.3.21.</summary>
[SuppressMessage("Maintainability", "CA1506", Justification = "Names the arguments and results of two vocabularies.")]
internal sealed class Nfs3Content(ExportTable exports)
{
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<RpcAcceptStatus> ReadAsync(RpcContext call)
    {
        if (!ReadArgs.TryParse(call.Arguments.Span, out var args)) return RpcAcceptStatus.GarbageArguments;

        // Past the largest file is past the end of any file: nothing to read there, and no error.
        var isBeyond = args.Offset > (ulong)FileSystemLimits.FileBytesMax;
        var offset = isBeyond ? FileSystemLimits.FileBytesMax : (long)args.Offset;
        var count = isBeyond ? 0 : (int)Math.Min(args.Count, Nfs3Protocol.TransferBytesMax);
        var at = exports.Enter(call, args.Handle, out var node);
        if (!at.IsAdmitted)
        {
            new ReadRes { Status = at.Outcome.ToNfs3() }.Write(call.Output);
            return RpcAcceptStatus.Success;
        }

        var content = ReadRes.PrepareInPlace(call.Output, count);
        var read = await at.Tree.ReadAsync(node, offset, content, at.Caller, DataAccess.OwnerOverride, call.Aborted);
        var status = read.Status.ToNfs3OfContent();
        if (status == Nfs3Status.Ok && read.Attributes is { } attributes)
        {
            ReadRes.WriteInPlace(call.Output, attributes.ToNfs3(), read.Bytes, read.EndOfFile);
        }
        else
        {
            new ReadRes { Status = status, Attributes = read.Attributes?.ToNfs3() }.Write(call.Output);
        }

        return RpcAcceptStatus.Success;
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<RpcAcceptStatus> WriteAsync(RpcContext call)
    {
        if (!WriteArgs.TryParse(call.Arguments.Span, out var args, out var contentStart))
            return RpcAcceptStatus.GarbageArguments;

        var content = call.Arguments.Slice(contentStart, args.Content.Length);
        var stability = (WriteStability)args.Stability;
        var offset = args.Offset;
        var at = exports.Enter(call, args.Handle, out var node);
        var status = at.Outcome.ToNfs3();
        if (status == Nfs3Status.Ok && at.IsReadOnly) status = Nfs3Status.ReadOnly;
        if (status == Nfs3Status.Ok && offset > (ulong)(FileSystemLimits.FileBytesMax - content.Length))
            status = Nfs3Status.FileTooBig;

        if (status != Nfs3Status.Ok)
        {
            var wcc = new Nfs3WccData(null, (await at.AttributesAsync(node))?.ToNfs3());
            new WriteRes { Status = status, Wcc = wcc }.Write(call.Output);
            return RpcAcceptStatus.Success;
        }

        var written = await at.Tree.WriteAsync(
            node, (long)offset, new ReadOnlySequence<byte>(content), stability, at.Caller, DataAccess.OwnerOverride);
        new WriteRes
        {
            Status = written.Status.ToNfs3OfContent(),
            Wcc = written.File.ToNfs3(),
            Count = (uint)written.Bytes,
            Committed = (Nfs3Stability)written.Stability,
            Verifier = written.Verifier,
        }.Write(call.Output);
        return RpcAcceptStatus.Success;
    }

    // Any range makes the whole file durable: what lies outside it was written before and is due as well.
    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<RpcAcceptStatus> CommitAsync(RpcContext call)
    {
        if (!CommitArgs.TryParse(call.Arguments.Span, out var args)) return RpcAcceptStatus.GarbageArguments;

        var at = exports.Enter(call, args.Handle, out var node);
        var status = at.IsAdmitted && at.IsReadOnly ? Nfs3Status.ReadOnly : at.Outcome.ToNfs3();
        if (status != Nfs3Status.Ok)
        {
            var wcc = new Nfs3WccData(null, (await at.AttributesAsync(node))?.ToNfs3());
            new CommitRes(status, wcc, 0).Write(call.Output);
            return RpcAcceptStatus.Success;
        }

        var done = await at.Tree.CommitAsync(node, at.Caller);
        new CommitRes(done.Status.ToNfs3OfContent(), done.File.ToNfs3(), done.Verifier)
            .Write(call.Output);
        return RpcAcceptStatus.Success;
    }
}
