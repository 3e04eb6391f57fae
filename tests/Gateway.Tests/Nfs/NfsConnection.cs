using System.Text;
using Gateway.Protocol.Mount;
using Gateway.Protocol.Nfs3;
using Gateway.Protocol.Wire;
using Gateway.Tests.Rpc;

namespace Gateway.Tests.Nfs;

/// <summary>One client connection that calls one procedure after the other.</summary>
internal sealed class NfsConnection(RpcSocket socket, RpcCredentials credentials) : IDisposable
{
    public static readonly RpcCredentials RootUser = RpcCredentials.Sys(0, 0, [], "client");

    public uint NextXid { get; set; } = 1000;

    public RpcCredentials Credentials { get; set; } = credentials;

    public RpcSocket Socket { get; } = socket;

    public static byte[] Encode(Action<XdrWriter> write)
    {
        using var writer = new XdrWriter();
        write(writer);
        return writer.WrittenSpan.ToArray();
    }

    public static byte[] DirOp(Nfs3Handle directory, string name) => DirOp(directory, Encoding.UTF8.GetBytes(name));

    public static byte[] DirOp(Nfs3Handle directory, byte[] name) =>
        Encode(writer => new DirOpArgs { Directory = directory.Span, Name = name }.Write(writer));

    public static byte[] Handle(Nfs3Handle handle) => Encode(writer => writer.WriteOpaque(handle.Span));

    /// <summary>Calls and expects success on the RPC level.</summary>
    public async Task<byte[]> CallAsync(Nfs3Procedure procedure, byte[] arguments)
    {
        var (header, results) = await RawAsync(Nfs3Protocol.Program, 3, (uint)procedure, arguments);
        Assert.That(header.Succeeded, $"{procedure}: {header.Status} {header.AcceptStatus}");
        return results;
    }

    public async Task<(RpcReplyHeader Header, byte[] Results)> RawAsync(
        uint program, uint version, uint procedure, byte[] arguments)
    {
        var xid = NextXid++;
        var record = RpcSocket.Call(xid, program, version, procedure, arguments, Credentials);
        await Socket.SendAsync(RpcSocket.Marked(record));
        var reply = await Socket.ReplyAsync();
        Assert.That(reply.Header.Xid, Is.EqualTo(xid));
        return reply;
    }

    public async Task<byte[]> MountCallAsync(MountProcedure procedure, byte[] arguments, uint version = 3)
    {
        var (header, results) = await RawAsync(MountProtocol.Program, version, (uint)procedure, arguments);
        Assert.That(header.Succeeded, $"{procedure}: {header.Status} {header.AcceptStatus}");
        return results;
    }

    public async Task<(MountStatus Status, Nfs3Handle Handle)> MountAsync(string path)
    {
        var results = await MountCallAsync(
            MountProcedure.Mnt, Encode(writer => writer.WriteOpaque(Encoding.UTF8.GetBytes(path))));
        Assert.That(MntRes.TryParse(results, out var mounted));
        return (mounted.Status, new Nfs3Handle(mounted.Handle));
    }

    public async Task<GetAttrRes> GetAttrAsync(Nfs3Handle handle)
    {
        Assert.That(GetAttrRes.TryParse(await CallAsync(Nfs3Procedure.GetAttr, Handle(handle)), out var result));
        return result;
    }

    public async Task<Nfs3Attributes> AttributesAsync(Nfs3Handle handle)
    {
        var result = await GetAttrAsync(handle);
        Assert.That(result.Status, Is.EqualTo(Nfs3Status.Ok));
        return result.Attributes!.Value;
    }

    public async Task<WccRes> SetAttrAsync(Nfs3Handle handle, Nfs3SetAttributes attributes, Nfs3Time? guard = null)
    {
        var arguments = Encode(writer =>
            new SetAttrArgs { Handle = handle.Span, Attributes = attributes, Guard = guard }.Write(writer));
        Assert.That(WccRes.TryParse(await CallAsync(Nfs3Procedure.SetAttr, arguments), out var result));
        return result;
    }

    public async Task<LookupRes> LookupAsync(Nfs3Handle directory, string name)
    {
        Assert.That(LookupRes.TryParse(
            await CallAsync(Nfs3Procedure.Lookup, DirOp(directory, name)), out var result));
        return result;
    }

    public async Task<AccessRes> AccessAsync(Nfs3Handle handle, Nfs3AccessBits wanted)
    {
        var arguments = Encode(writer => new AccessArgs { Handle = handle.Span, Access = wanted }.Write(writer));
        Assert.That(AccessRes.TryParse(await CallAsync(Nfs3Procedure.Access, arguments), out var result));
        return result;
    }

    public static byte[] CreateArguments(
        Nfs3Handle directory,
        string name,
        Nfs3CreateMode mode,
        Nfs3SetAttributes attributes = default,
        ulong verifier = 0) =>
        Encode(writer => new CreateArgs
        {
            Where = new DirOpArgs { Directory = directory.Span, Name = Encoding.UTF8.GetBytes(name) },
            Mode = mode,
            Attributes = attributes,
            Verifier = verifier,
        }.Write(writer));

    public async Task<NewObjectRes> CreateAsync(
        Nfs3Handle directory,
        string name,
        Nfs3CreateMode mode = Nfs3CreateMode.Guarded,
        Nfs3SetAttributes attributes = default,
        ulong verifier = 0)
    {
        var results = await CallAsync(
            Nfs3Procedure.Create, CreateArguments(directory, name, mode, attributes, verifier));
        Assert.That(NewObjectRes.TryParse(results, out var result));
        return result;
    }

    /// <summary>A new regular file, mode 0644.</summary>
    public async Task<Nfs3Handle> FileAsync(Nfs3Handle directory, string name)
    {
        var made = await CreateAsync(directory, name, attributes: new Nfs3SetAttributes { Mode = 0x1A4 });
        Assert.That(made.Status, Is.EqualTo(Nfs3Status.Ok));
        return made.Handle!.Value;
    }

    public static byte[] MkDirArguments(Nfs3Handle directory, string name, uint mode = 0x1ED) =>
        Encode(writer => new MkDirArgs
        {
            Where = new DirOpArgs { Directory = directory.Span, Name = Encoding.UTF8.GetBytes(name) },
            Attributes = new Nfs3SetAttributes { Mode = mode },
        }.Write(writer));

    public async Task<NewObjectRes> MkDirAsync(Nfs3Handle directory, string name, uint mode = 0x1ED)
    {
        var results = await CallAsync(Nfs3Procedure.MkDir, MkDirArguments(directory, name, mode));
        Assert.That(NewObjectRes.TryParse(results, out var result));
        return result;
    }

    /// <summary>A new directory, mode 0755.</summary>
    public async Task<Nfs3Handle> DirectoryAsync(Nfs3Handle directory, string name)
    {
        var made = await MkDirAsync(directory, name);
        Assert.That(made.Status, Is.EqualTo(Nfs3Status.Ok));
        return made.Handle!.Value;
    }

    public async Task<NewObjectRes> SymLinkAsync(Nfs3Handle directory, string name, byte[] content)
    {
        var arguments = Encode(writer => new SymLinkArgs
        {
            Where = new DirOpArgs { Directory = directory.Span, Name = Encoding.UTF8.GetBytes(name) },
            Path = content,
        }.Write(writer));
        Assert.That(NewObjectRes.TryParse(await CallAsync(Nfs3Procedure.SymLink, arguments), out var result));
        return result;
    }

    public async Task<NewObjectRes> MkNodAsync(
        Nfs3Handle directory, string name, Nfs3FileType type, Nfs3Device device = default)
    {
        var arguments = Encode(writer => new MkNodArgs
        {
            Where = new DirOpArgs { Directory = directory.Span, Name = Encoding.UTF8.GetBytes(name) },
            Type = type,
            Device = device,
        }.Write(writer));
        Assert.That(NewObjectRes.TryParse(await CallAsync(Nfs3Procedure.MkNod, arguments), out var result));
        return result;
    }

    public async Task<WriteRes> WriteAsync(
        Nfs3Handle file, ulong offset, byte[] content, Nfs3Stability stability = Nfs3Stability.FileSync)
    {
        var arguments = Encode(writer => new WriteArgs
        {
            Handle = file.Span,
            Offset = offset,
            Count = (uint)content.Length,
            Stability = stability,
            Content = content,
        }.Write(writer));
        Assert.That(WriteRes.TryParse(await CallAsync(Nfs3Procedure.Write, arguments), out var result));
        return result;
    }

    public async Task<(Nfs3Status Status, byte[] Content, bool IsEnd)> ReadAsync(
        Nfs3Handle file, ulong offset, uint count)
    {
        var arguments = Encode(writer =>
            new ReadArgs { Handle = file.Span, Offset = offset, Count = count }.Write(writer));
        Assert.That(ReadRes.TryParse(await CallAsync(Nfs3Procedure.Read, arguments), out var result));
        return (result.Status, result.Content.ToArray(), result.IsEndOfFile);
    }

    public async Task<CommitRes> CommitAsync(Nfs3Handle file)
    {
        var arguments = Encode(writer => new CommitArgs { Handle = file.Span, Offset = 0, Count = 0 }.Write(writer));
        Assert.That(CommitRes.TryParse(await CallAsync(Nfs3Procedure.Commit, arguments), out var result));
        return result;
    }

    public async Task<WccRes> RemoveAsync(Nfs3Handle directory, string name)
    {
        Assert.That(WccRes.TryParse(await CallAsync(Nfs3Procedure.Remove, DirOp(directory, name)), out var result));
        return result;
    }

    public async Task<WccRes> RmDirAsync(Nfs3Handle directory, string name)
    {
        Assert.That(WccRes.TryParse(await CallAsync(Nfs3Procedure.RmDir, DirOp(directory, name)), out var result));
        return result;
    }

    public async Task<RenameRes> RenameAsync(Nfs3Handle from, string name, Nfs3Handle to, string newName)
    {
        byte[] arguments = [.. DirOp(from, name), .. DirOp(to, newName)];
        Assert.That(RenameRes.TryParse(await CallAsync(Nfs3Procedure.Rename, arguments), out var result));
        return result;
    }

    public async Task<LinkRes> LinkAsync(Nfs3Handle file, Nfs3Handle directory, string name)
    {
        byte[] arguments = [.. Handle(file), .. DirOp(directory, name)];
        Assert.That(LinkRes.TryParse(await CallAsync(Nfs3Procedure.Link, arguments), out var result));
        return result;
    }

    public async Task<DirectoryPage> ReadDirAsync(
        Nfs3Handle directory, ulong cookie = 0, uint count = 8192, ulong verifier = 0)
    {
        var arguments = Encode(writer => new ReadDirArgs
        {
            Directory = directory.Span,
            Cookie = cookie,
            CookieVerifier = verifier,
            Count = count,
        }.Write(writer));
        return new DirectoryPage(await CallAsync(Nfs3Procedure.ReadDir, arguments), plus: false);
    }

    public async Task<DirectoryPage> ReadDirPlusAsync(
        Nfs3Handle directory, ulong cookie = 0, uint directoryCount = 8192, uint countMax = 8192, ulong verifier = 0)
    {
        var arguments = Encode(writer => new ReadDirPlusArgs
        {
            Directory = directory.Span,
            Cookie = cookie,
            CookieVerifier = verifier,
            DirectoryCount = directoryCount,
            CountMax = countMax,
        }.Write(writer));
        return new DirectoryPage(await CallAsync(Nfs3Procedure.ReadDirPlus, arguments), plus: true);
    }

    public void Dispose() => Socket.Dispose();
}

/// <summary>A reply of READDIR or READDIRPLUS, its entries copied.</summary>
internal sealed class DirectoryPage
{
    public DirectoryPage(byte[] results, bool plus)
    {
        Assert.That(DirectoryListRes.TryParse(results, plus, out var list));
        Bytes = results.Length - sizeof(uint);
        Status = list.Status;
        Attributes = list.Attributes;
        Verifier = list.CookieVerifier;
        IsEnd = list.IsEndOfDirectory;
        foreach (var entry in list)
        {
            var name = Encoding.UTF8.GetString(entry.Name);
            Entries.Add(new Entry(name, entry.Cookie, entry.FileId, entry.Attributes, entry.Handle));
        }
    }

    /// <summary>Size of READDIR3resok or READDIRPLUS3resok.</summary>
    public int Bytes { get; }

    public Nfs3Status Status { get; }

    public Nfs3Attributes? Attributes { get; }

    public ulong Verifier { get; }

    public bool IsEnd { get; }

    public List<Entry> Entries { get; } = [];

    public sealed record Entry(
        string Name, ulong Cookie, ulong FileId, Nfs3Attributes? Attributes, Nfs3Handle? Handle);
}
