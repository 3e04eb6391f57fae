using System.Buffers.Binary;
using Gateway.FileSystem;
using Gateway.Nfs.Exports;
using Gateway.Nfs.Rpc;
using Gateway.Protocol.Nfs3;
using Gateway.Protocol.Wire;

namespace Gateway.Nfs;

/// <summary>NFS version 3 (RFC 1813): one class per group of procedures.</summary>
/// <remarks>
/// No state of its own but the requests that may be sent again. Threading: any number of calls at once; those of one
/// connection start on its reader's thread. Arguments are views of the request and must be used before the first await,
/// file content excepted, which lives as long as the call.
/// </remarks>
internal sealed class Nfs3Program : IRpcProgram
{
    /// <summary>
    /// Bytes of results without file content and directory lists; RENAME with both wcc_data has the most.
    /// </summary>
    private const int SmallReplyBytes = 512;

    private readonly TimeProvider _clock;
    private readonly Nfs3Lookups _lookups;
    private readonly Nfs3Content _content;
    private readonly Nfs3Directories _directories;
    private readonly Nfs3Statistics _statistics;
    private readonly Nfs3Removals _removals;
    private readonly Nfs3Creations _creations;

    public Nfs3Program(ExportTable exports, TimeProvider clock)
    {
        _clock = clock;
        _lookups = new Nfs3Lookups(exports);
        _content = new Nfs3Content(exports);
        _directories = new Nfs3Directories(exports);
        _statistics = new Nfs3Statistics(exports);
        var changes = new Nfs3Changes(exports);
        _removals = new Nfs3Removals(changes);
        _creations = new Nfs3Creations(changes);
    }

    public uint Number => Nfs3Protocol.Program;

    public uint VersionMin => Nfs3Protocol.Version;

    public uint VersionMax => Nfs3Protocol.Version;

    public string Name => "nfs";

    public int ReplyBytesMax(uint version, uint procedure, ReadOnlySpan<byte> arguments)
    {
        switch ((Nfs3Procedure)procedure)
        {
            case Nfs3Procedure.Read:
            case Nfs3Procedure.ReadDir:
            case Nfs3Procedure.ReadDirPlus:
                // The count to reserve for is the last argument of all three.
                if (arguments.Length < sizeof(uint)) return SmallReplyBytes;
                var count = BinaryPrimitives.ReadUInt32BigEndian(arguments[^sizeof(uint)..]);
                return SmallReplyBytes + (int)Math.Min(count, Nfs3Protocol.TransferBytesMax);

            case Nfs3Procedure.ReadLink:
                return SmallReplyBytes + FileSystemLimits.SymbolicLinkBytesMax;

            default:
                return SmallReplyBytes;
        }
    }

    public ValueTask<RpcAcceptStatus> DispatchAsync(RpcContext call)
    {
        call.Peer.NoteCall(_clock.GetTimestamp());
        return (Nfs3Procedure)call.Procedure switch
        {
            Nfs3Procedure.Null => new(RpcAcceptStatus.Success),
            Nfs3Procedure.GetAttr => _lookups.GetAttrAsync(call),
            Nfs3Procedure.Lookup => _lookups.LookupAsync(call),
            Nfs3Procedure.Access => _lookups.AccessAsync(call),
            Nfs3Procedure.ReadLink => _lookups.ReadLinkAsync(call),
            Nfs3Procedure.Read => _content.ReadAsync(call),
            Nfs3Procedure.Write => _content.WriteAsync(call),
            Nfs3Procedure.Commit => _content.CommitAsync(call),
            Nfs3Procedure.ReadDir => _directories.ReadDirAsync(call),
            Nfs3Procedure.ReadDirPlus => _directories.ReadDirPlusAsync(call),
            Nfs3Procedure.FsStat => _statistics.FsStatAsync(call),
            Nfs3Procedure.FsInfo => _statistics.FsInfoAsync(call),
            Nfs3Procedure.PathConf => _statistics.PathConfAsync(call),
            _ => DispatchChangeAsync(call),
        };
    }

    private ValueTask<RpcAcceptStatus> DispatchChangeAsync(RpcContext call) => (Nfs3Procedure)call.Procedure switch
    {
        Nfs3Procedure.SetAttr => _removals.SetAttrAsync(call),
        Nfs3Procedure.Create => _creations.CreateAsync(call),
        Nfs3Procedure.MkDir => _creations.MkDirAsync(call),
        Nfs3Procedure.SymLink => _creations.SymLinkAsync(call),
        Nfs3Procedure.MkNod => _creations.MkNodAsync(call),
        Nfs3Procedure.Remove => _removals.RemoveAsync(call),
        Nfs3Procedure.RmDir => _removals.RmDirAsync(call),
        Nfs3Procedure.Rename => _removals.RenameAsync(call),
        Nfs3Procedure.Link => _removals.LinkAsync(call),
        _ => new(RpcAcceptStatus.ProcedureUnavailable),
    };
}
