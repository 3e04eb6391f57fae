using System.Net;
using System.Text;
using Gateway.Protocol.Mount;
using Gateway.Protocol.Nfs3;
using Gateway.Protocol.Wire;

namespace Gateway.NfsClient;

/// <summary>A mounted export, one call at a time. For one thread.</summary>
public sealed class NfsShare : IDisposable
{
    private uint _xid;

    private NfsShare(RpcConnection connection, Nfs3Handle root, uint firstXid)
    {
        Connection = connection;
        Root = root;
        _xid = firstXid;
    }

    public RpcConnection Connection { get; }

    public Nfs3Handle Root { get; }

    /// <summary>Asks MOUNT for the root and connects to NFS.</summary>
    /// <exception cref="IOException">The server refuses or does not answer.</exception>
    public static NfsShare Mount(
        IPEndPoint nfs,
        int mountPort,
        string path,
        uint firstXid,
        RpcCredentials? credentials = null,
        TimeSpan? replyMax = null)
    {
        Nfs3Handle root;
        using (var connection = new RpcConnection(new IPEndPoint(nfs.Address, mountPort), credentials, replyMax))
        {
            var writer = connection.BeginCall(
                firstXid, MountProtocol.Program, MountProtocol.Version3, (uint)MountProcedure.Mnt, out var start);
            new DirPathArgs { Path = Encoding.UTF8.GetBytes(path) }.Write(writer);
            connection.EndCall(start);
            var record = connection.Receive();
            if (!RpcReplyHeader.TryParse(record, out var header) || !header.Succeeded)
                throw new IOException($"MOUNT was refused: {header}");
            if (!MntRes.TryParse(record[header.HeaderBytes..], out var mounted) || mounted.Status != MountStatus.Ok)
                throw new IOException($"MOUNT of {path}: {mounted.Status}");

            root = new Nfs3Handle(mounted.Handle);
        }

        return new NfsShare(new RpcConnection(nfs, credentials, replyMax), root, firstXid + 1);
    }

    public CallPipeline Pipeline(int depth)
    {
        // Far from the ids of the calls one at a time.
        return new CallPipeline(Connection, depth, unchecked(_xid + 0x4000_0000));
    }

    public uint NextXid() => unchecked(_xid++);

    public NewObjectRes Create(in Nfs3Handle directory, string name, uint mode = 0x1A4)
    {
        var args = new CreateArgs
        {
            Where = Where(directory, name),
            Mode = Nfs3CreateMode.Unchecked,
            Attributes = new Nfs3SetAttributes { Mode = mode },
        };
        var writer = Begin(Nfs3Procedure.Create, out var start);
        args.Write(writer);
        return NewObjectRes.TryParse(Finish(start), out var parsed) ? parsed : throw Garbled("CREATE");
    }

    public NewObjectRes MkDir(in Nfs3Handle directory, string name, uint mode = 0x1ED)
    {
        var args = new MkDirArgs
        {
            Where = Where(directory, name),
            Attributes = new Nfs3SetAttributes { Mode = mode },
        };
        var writer = Begin(Nfs3Procedure.MkDir, out var start);
        args.Write(writer);
        return NewObjectRes.TryParse(Finish(start), out var parsed) ? parsed : throw Garbled("MKDIR");
    }

    public LookupRes Lookup(in Nfs3Handle directory, string name)
    {
        var writer = Begin(Nfs3Procedure.Lookup, out var start);
        Where(directory, name).Write(writer);
        return LookupRes.TryParse(Finish(start), out var parsed) ? parsed : throw Garbled("LOOKUP");
    }

    public GetAttrRes GetAttributes(in Nfs3Handle handle)
    {
        var writer = Begin(Nfs3Procedure.GetAttr, out var start);
        new HandleArgs { Handle = handle.Span }.Write(writer);
        return GetAttrRes.TryParse(Finish(start), out var parsed) ? parsed : throw Garbled("GETATTR");
    }

    public WriteRes Write(in Nfs3Handle handle, ulong offset, ReadOnlySpan<byte> content, Nfs3Stability stability)
    {
        var args = new WriteArgs
        {
            Handle = handle.Span,
            Offset = offset,
            Count = (uint)content.Length,
            Stability = stability,
            Content = content,
        };
        var writer = Begin(Nfs3Procedure.Write, out var start);
        args.Write(writer);
        return WriteRes.TryParse(Finish(start), out var parsed) ? parsed : throw Garbled("WRITE");
    }

    public CommitRes Commit(in Nfs3Handle handle)
    {
        var writer = Begin(Nfs3Procedure.Commit, out var start);
        new CommitArgs { Handle = handle.Span, Offset = 0, Count = 0 }.Write(writer);
        return CommitRes.TryParse(Finish(start), out var parsed) ? parsed : throw Garbled("COMMIT");
    }

    /// <summary>A view of the reply, alive until the next call.</summary>
    public ReadRes Read(in Nfs3Handle handle, ulong offset, uint count)
    {
        var writer = Begin(Nfs3Procedure.Read, out var start);
        new ReadArgs { Handle = handle.Span, Offset = offset, Count = count }.Write(writer);
        return ReadRes.TryParse(Finish(start), out var parsed) ? parsed : throw Garbled("READ");
    }

    public WccRes Remove(in Nfs3Handle directory, string name)
    {
        var writer = Begin(Nfs3Procedure.Remove, out var start);
        Where(directory, name).Write(writer);
        return WccRes.TryParse(Finish(start), out var parsed) ? parsed : throw Garbled("REMOVE");
    }

    public WccRes RemoveDirectory(in Nfs3Handle directory, string name)
    {
        var writer = Begin(Nfs3Procedure.RmDir, out var start);
        Where(directory, name).Write(writer);
        return WccRes.TryParse(Finish(start), out var parsed) ? parsed : throw Garbled("RMDIR");
    }

    public RenameRes Rename(in Nfs3Handle directory, string from, string to)
    {
        var writer = Begin(Nfs3Procedure.Rename, out var start);
        new RenameArgs { From = Where(directory, from), To = Where(directory, to) }.Write(writer);
        return RenameRes.TryParse(Finish(start), out var parsed) ? parsed : throw Garbled("RENAME");
    }

    public void Dispose() => Connection.Dispose();

    public static DirOpArgs Where(in Nfs3Handle directory, string name) =>
        new() { Directory = directory.Span.ToArray(), Name = Encoding.UTF8.GetBytes(name) };

    private static IOException Garbled(string procedure) => new($"The result of {procedure} does not parse.");

    private XdrWriter Begin(Nfs3Procedure procedure, out int start) =>
        Connection.BeginCall(NextXid(), Nfs3Protocol.Program, Nfs3Protocol.Version, (uint)procedure, out start);

    private ReadOnlySpan<byte> Finish(int start)
    {
        var xid = unchecked(_xid - 1);
        Connection.EndCall(start);
        while (true)
        {
            var record = Connection.Receive();
            if (!RpcReplyHeader.TryParse(record, out var header))
                throw new IOException("Not an RPC reply.");
            if (header.Xid != xid)
                continue; // the late twin of a retransmission
            if (!header.Succeeded)
                throw new IOException($"The server refused a call: {header}");

            return record[header.HeaderBytes..];
        }
    }
}
