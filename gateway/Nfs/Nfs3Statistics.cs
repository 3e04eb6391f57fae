using Gateway.FileSystem;
using Gateway.Nfs.Exports;
using Gateway.Nfs.Rpc;
using Gateway.Protocol.Nfs3;
using Gateway.Protocol.Wire;

namespace Gateway.Nfs;

/// <summary>FSSTAT, FSINFO and PATHCONF: RFC 1813 §3.3.18 to §3.3.20.</summary>
internal sealed class Nfs3Statistics(ExportTable exports)
{
    /// <summary>
    /// Bytes. Some five hundred names with attributes and handles: larger lists only delay the first name.
    /// </summary>
    private const uint DirectoryPreferredBytes = 128 << 10;

    private const Nfs3Properties Properties =
        Nfs3Properties.Link | Nfs3Properties.SymLink | Nfs3Properties.Homogeneous | Nfs3Properties.CanSetTime;

    public async ValueTask<RpcAcceptStatus> FsStatAsync(RpcContext call)
    {
        if (!HandleArgs.TryParse(call.Arguments.Span, out var args)) return RpcAcceptStatus.GarbageArguments;

        var at = exports.Enter(call, args.Handle, out var node);
        if (!at.IsAdmitted)
        {
            new FsStatRes { Status = at.Outcome.ToNfs3() }.Write(call.Output);
            return RpcAcceptStatus.Success;
        }

        var found = await at.Tree.GetStatisticsAsync(node, call.Aborted);
        var space = found.Statistics;
        new FsStatRes
        {
            Status = found.Status.ToNfs3(),
            Attributes = found.Attributes?.ToNfs3(),
            TotalBytes = (ulong)space.TotalBytes,
            FreeBytes = (ulong)space.FreeBytes,
            AvailableBytes = (ulong)space.AvailableBytes,
            TotalFiles = (ulong)space.TotalNodes,
            FreeFiles = (ulong)space.FreeNodes,
            AvailableFiles = (ulong)space.FreeNodes,
        }.Write(call.Output);
        return RpcAcceptStatus.Success;
    }

    public async ValueTask<RpcAcceptStatus> FsInfoAsync(RpcContext call)
    {
        if (!HandleArgs.TryParse(call.Arguments.Span, out var args)) return RpcAcceptStatus.GarbageArguments;

        var at = exports.Enter(call, args.Handle, out var node);
        var (status, attributes) = await DescribeAsync(at, node);
        new FsInfoRes
        {
            Status = status,
            Attributes = attributes,
            ReadMax = Nfs3Protocol.TransferBytesMax,
            ReadPreferred = Nfs3Protocol.TransferBytesMax,
            ReadMultiple = 4096,
            WriteMax = Nfs3Protocol.TransferBytesMax,
            WritePreferred = Nfs3Protocol.TransferBytesMax,
            WriteMultiple = 4096,
            DirectoryPreferred = DirectoryPreferredBytes,
            FileSizeMax = (ulong)FileSystemLimits.FileBytesMax,
            TimeDelta = new Nfs3Time(0, 1),
            Properties = Properties,
        }.Write(call.Output);
        return RpcAcceptStatus.Success;
    }

    public async ValueTask<RpcAcceptStatus> PathConfAsync(RpcContext call)
    {
        if (!HandleArgs.TryParse(call.Arguments.Span, out var args)) return RpcAcceptStatus.GarbageArguments;

        var at = exports.Enter(call, args.Handle, out var node);
        var (status, attributes) = await DescribeAsync(at, node);
        new PathConfRes
        {
            Status = status,
            Attributes = attributes,
            LinksMax = FileSystemLimits.LinksMax,
            NameBytesMax = FileSystemLimits.NameBytesMax,
            NoTruncation = true,
            ChownRestricted = true,
            CaseInsensitive = false,
            CasePreserving = true,
        }.Write(call.Output);
        return RpcAcceptStatus.Success;
    }

    private static async ValueTask<(Nfs3Status Status, Nfs3Attributes? Attributes)> DescribeAsync(
        Admission at, NodeId node)
    {
        if (!at.IsAdmitted) return (at.Outcome.ToNfs3(), null);

        var found = await at.Tree.GetAttributesAsync(node);
        return (found.Status.ToNfs3(), found.Status == FileStatus.Ok ? found.Attributes.ToNfs3() : null);
    }
}
