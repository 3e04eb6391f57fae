using System.Runtime.CompilerServices;
using Gateway.FileSystem;
using Gateway.Nfs.Exports;
using Gateway.Nfs.Rpc;
using Gateway.Protocol.Nfs3;
using Gateway.Protocol.Wire;

namespace Gateway.Nfs;

/// <summary>READDIR and READDIRPLUS: RFC 1813 §3.3.16, §3.3.17.</summary>
internal sealed class Nfs3Directories(ExportTable exports)
{
    /// <summary>
    /// Constant, because our cookies stay good for ever. Zero is taken too: clients send it with a cookie they kept.
    /// </summary>
    private const ulong CookieVerifier = 1;

    public ValueTask<RpcAcceptStatus> ReadDirAsync(RpcContext call)
    {
        if (!ReadDirArgs.TryParse(call.Arguments.Span, out var args)) return new(RpcAcceptStatus.GarbageArguments);

        var at = exports.Enter(call, args.Directory, out var directory);
        return ListAsync(call, at, directory, new DirectoryRequest
        {
            Cookie = args.Cookie,
            Verifier = args.CookieVerifier,
            CountMax = args.Count,
            DirectoryCount = args.Count,
            Plus = false,
        });
    }

    public ValueTask<RpcAcceptStatus> ReadDirPlusAsync(RpcContext call)
    {
        if (!ReadDirPlusArgs.TryParse(call.Arguments.Span, out var args)) return new(RpcAcceptStatus.GarbageArguments);

        var at = exports.Enter(call, args.Directory, out var directory);
        return ListAsync(call, at, directory, new DirectoryRequest
        {
            Cookie = args.Cookie,
            Verifier = args.CookieVerifier,
            CountMax = args.CountMax,
            DirectoryCount = args.DirectoryCount,
            Plus = true,
        });
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    private static async ValueTask<RpcAcceptStatus> ListAsync(
        RpcContext call, Admission at, NodeId directory, DirectoryRequest request)
    {
        var status = at.Outcome.ToNfs3();
        if (status == Nfs3Status.Ok && request.Cookie != 0 && request.Verifier is not (0 or CookieVerifier))
            status = Nfs3Status.BadCookie;
        if (status == Nfs3Status.Ok && request.CountMax < DirectoryListWriter.EmptyBytes)
            status = Nfs3Status.TooSmall;

        Nfs3Attributes? attributes = null;
        if (status == Nfs3Status.Ok)
        {
            var list = new DirectoryList(call.Output, at.Tree.Handles, request);
            var read = await at.Tree.ReadDirectoryAsync(directory, request.Cookie, list, at.Caller, call.Aborted);
            attributes = read.Directory?.ToNfs3();
            status = read.Status.ToNfs3();
            if (status == Nfs3Status.Ok && list.IsStuck) status = Nfs3Status.TooSmall;
            if (status == Nfs3Status.Ok && attributes is { } known)
            {
                list.Writer.End(read.EndOfDirectory, known);
                return RpcAcceptStatus.Success;
            }
        }
        else
        {
            attributes = (await at.AttributesAsync(directory))?.ToNfs3();
        }

        call.Output.Truncate(0);
        DirectoryListRes.WriteFailure(call.Output, status, attributes);
        return RpcAcceptStatus.Success;
    }

    private readonly record struct DirectoryRequest
    {
        public required ulong Cookie { get; init; }

        public required ulong Verifier { get; init; }

        public required uint CountMax { get; init; }

        public required uint DirectoryCount { get; init; }

        public required bool Plus { get; init; }
    }

    /// <summary>Encodes entries into the reply while the file system walks over them.</summary>
    private sealed class DirectoryList(XdrWriter output, HandleSeal seal, DirectoryRequest request) : DirectoryVisitor
    {
        private bool _refused;

        public override bool WantsAttributes => request.Plus;

        public DirectoryListWriter Writer { get; } = DirectoryListWriter.Begin(
            output, CookieVerifier, Math.Min(request.CountMax, Nfs3Protocol.TransferBytesMax), request.DirectoryCount);

        /// <summary>There is an entry and it alone is too long: an empty list would look like the end.</summary>
        public bool IsStuck => _refused && Writer.Count == 0;

        public override bool Visit(in DirectoryEntry entry)
        {
            var added = request.Plus ? TryAddPlus(entry) : Writer.TryAdd(entry.Inode, entry.Name, entry.Cookie);
            _refused |= !added;
            return added;
        }

        private bool TryAddPlus(in DirectoryEntry entry)
        {
            if (entry.Attributes is not { } attributes)
                return Writer.TryAdd(entry.Inode, entry.Name, entry.Cookie, null, null);

            return Writer.TryAdd(
                entry.Inode, entry.Name, entry.Cookie, attributes.ToNfs3(), seal.ToNfs3(attributes.Node));
        }
    }
}
