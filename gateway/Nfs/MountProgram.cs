using System.Text;
using Gateway.FileSystem;
using Gateway.Nfs.Exports;
using Gateway.Nfs.Rpc;
using Gateway.Protocol.Mount;
using Gateway.Protocol.Nfs3;
using Gateway.Protocol.Wire;

namespace Gateway.Nfs;

/// <summary>
/// MOUNT version 3 (RFC 1813 §5), and of version 1 (RFC 1094 appendix A) what tools like showmount still ask.
/// </summary>
/// <remarks>Threading: any number of calls at once.</remarks>
internal sealed class MountProgram(ExportTable exports) : IRpcProgram
{
    /// <summary>Directories below an export that a client may name in one MNT.</summary>
    private const int DepthMax = 64;

    /// <summary>Bytes of DUMP and EXPORT at their bounds.</summary>
    private const int ListBytesMax = 512 << 10;

    public uint Number => MountProtocol.Program;

    public uint VersionMin => MountProtocol.Version1;

    public uint VersionMax => MountProtocol.Version3;

    public string Name => "mount";

    /// <summary>Who mounted what, as far as clients say.</summary>
    public MountList Mounts { get; } = new();

    public bool SupportsVersion(uint version) => version is MountProtocol.Version1 or MountProtocol.Version3;

    public int ReplyBytesMax(uint version, uint procedure, ReadOnlySpan<byte> arguments) =>
        (MountProcedure)procedure is MountProcedure.Dump or MountProcedure.Export ? ListBytesMax : 256;

    public ValueTask<RpcAcceptStatus> DispatchAsync(RpcContext call) => (MountProcedure)call.Procedure switch
    {
        MountProcedure.Null => new(RpcAcceptStatus.Success),
        MountProcedure.Mnt => MntAsync(call),
        MountProcedure.Dump => new(Dump(call)),
        MountProcedure.Umnt => new(Umnt(call)),
        MountProcedure.UmntAll => new(UmntAll(call)),
        MountProcedure.Export => new(Export(call)),
        _ => new(RpcAcceptStatus.ProcedureUnavailable),
    };

    private async ValueTask<RpcAcceptStatus> MntAsync(RpcContext call)
    {
        if (!DirPathArgs.TryParse(call.Arguments.Span, out var args)) return RpcAcceptStatus.GarbageArguments;

        var path = Encoding.UTF8.GetString(args.Path);
        var status = Check(args.Path, call, out var export, out var names);
        var handle = default(Nfs3Handle);
        if (status == MountStatus.Ok)
        {
            var found = await export!.FindAsync(names);
            status = ToMount(found.Status);
            handle = export.Tree.Handles.ToNfs3(found.Node);
        }

        if (call.Version == MountProtocol.Version1)
        {
            // A handle of version 1 is for NFS version 2, which nobody serves here.
            call.Output.WriteUInt32((uint)(status == MountStatus.Ok ? MountStatus.Access : status));
            return RpcAcceptStatus.Success;
        }

        if (status != MountStatus.Ok)
        {
            new MntRes { Status = status }.Write(call.Output);
            return RpcAcceptStatus.Success;
        }

        Mounts.Add(new MountEntry(HostOf(call), path));
        new MntRes
        {
            Status = MountStatus.Ok,
            Handle = handle.Span,
            Flavors = [(uint)RpcAuthFlavor.Sys, (uint)RpcAuthFlavor.None],
        }.Write(call.Output);
        return RpcAcceptStatus.Success;
    }

    private MountStatus Check(
        ReadOnlySpan<byte> path, RpcContext call, out Export? export, out IReadOnlyList<byte[]> names)
    {
        export = null;
        names = [];
        if (path.IsEmpty || path[0] != (byte)'/') return MountStatus.NoEntry;
        if (!ExportPath.TrySplit(path, out var split)) return MountStatus.Invalid;

        export = exports.Find(call, split);
        if (export is null) return MountStatus.NoEntry;
        if (export.Find(call.Peer) is not { } client || !client.AcceptsPort(call.Peer)) return MountStatus.Access;
        if (split.Count - export.PathNames.Count > DepthMax) return MountStatus.NameTooLong;

        names = [.. export.DirectoryNames, .. split.Skip(export.PathNames.Count)];
        return MountStatus.Ok;
    }

    private RpcAcceptStatus Dump(RpcContext call)
    {
        if (!call.Arguments.IsEmpty) return RpcAcceptStatus.GarbageArguments;

        var start = call.Output.Length;
        var mounts = Mounts.ToList();
        for (var count = mounts.Count; ; count /= 2)
        {
            DumpRes.Write(call.Output, [.. mounts.Take(count)]);
            if (call.Output.Length - start <= ListBytesMax) return RpcAcceptStatus.Success;

            call.Output.Truncate(start);
        }
    }

    private RpcAcceptStatus Umnt(RpcContext call)
    {
        if (!DirPathArgs.TryParse(call.Arguments.Span, out var args)) return RpcAcceptStatus.GarbageArguments;

        Mounts.Remove(new MountEntry(HostOf(call), Encoding.UTF8.GetString(args.Path)));
        return RpcAcceptStatus.Success;
    }

    private RpcAcceptStatus UmntAll(RpcContext call)
    {
        if (!call.Arguments.IsEmpty) return RpcAcceptStatus.GarbageArguments;

        Mounts.RemoveAll(HostOf(call));
        return RpcAcceptStatus.Success;
    }

    private RpcAcceptStatus Export(RpcContext call)
    {
        if (!call.Arguments.IsEmpty) return RpcAcceptStatus.GarbageArguments;

        ExportRes.Write(call.Output, [.. exports.Exports.Select(ToEntry)]);
        return RpcAcceptStatus.Success;
    }

    // No groups means everybody; saying so is better than a list with a star among others.
    private static ExportEntry ToEntry(Export export)
    {
        var matches = export.ClientMatches.ToList();
        return new ExportEntry(export.Path, matches.Contains("*") ? [] : matches);
    }

    // The address, not the name the client gives itself: it is what the rules go by.
    private static string HostOf(RpcContext call) => call.PeerAddress.ToString();

    private static MountStatus ToMount(FileStatus status) => status switch
    {
        FileStatus.Ok => MountStatus.Ok,
        FileStatus.NoEntry or FileStatus.Stale => MountStatus.NoEntry,
        FileStatus.NotDirectory => MountStatus.NotDirectory,
        FileStatus.AccessDenied => MountStatus.Access,
        FileStatus.NameTooLong => MountStatus.NameTooLong,
        FileStatus.InvalidArgument => MountStatus.Invalid,
        FileStatus.InputOutput => MountStatus.IO,
        _ => MountStatus.ServerFault,
    };
}
