using System.Collections.Concurrent;
using System.Net;
using System.Net.Sockets;
using System.Text;
using Gateway.Nfs.Portmap;
using Gateway.Nfs.Rpc;
using Gateway.Protocol.Nlm4;
using Gateway.Protocol.Nsm;
using Gateway.Protocol.Wire;
using Gateway.Tests.Rpc;

namespace Gateway.Tests.Locks;

/// <summary>
/// A client machine with an address of its own: asks for locks, and, when its lock manager runs, takes call-backs on the port
/// that its port mapper names.
/// </summary>
internal sealed class LockClientHost(RpcHost server, IPAddress address, int portmapPort, string name) : IAsyncDisposable
{
    private readonly Lockd _lockd = new();
    private RpcSocket? _socket;
    private RpcHost? _own;
    public RpcHost Server { get; set; } = server;

    public IPAddress Address { get; } = address;

    /// <summary>The GRANTED and GRANTED_MSG calls that came, in order.</summary>
    public ConcurrentQueue<GrantedCall> Granted => _lockd.Granted;

    /// <summary>The results of messages that came: procedure, cookie, status.</summary>
    public ConcurrentQueue<(Nlm4Procedure Procedure, string Cookie, Nlm4Status Status)> Results => _lockd.Results;

    /// <summary>What the lock manager answers to GRANTED.</summary>
    public Nlm4Status Answer
    {
        get => _lockd.Answer;
        set => _lockd.Answer = value;
    }

    public int State { get; set; } = 3;

    /// <summary>The transaction id of the next call.</summary>
    public uint NextXid { get; set; } = 1;

    public async Task StartLockManagerAsync()
    {
        var registry = new PortmapRegistry([new PortmapService(Nlm4Protocol.Program, Nlm4Protocol.Version, portmapPort)]);
        _own = await RpcHost.StartAsync(
            new IPEndPoint(Address, portmapPort),
            new RpcLimits(),
            TimeProvider.System,
            new PortmapProgram(registry, TimeProvider.System),
            _lockd);
    }

    public Task<Nlm4Status> LockAsync(
        byte[] handle, ulong offset, ulong length, bool exclusive = true, bool block = false, int svid = 1,
        Nlm4Procedure procedure = Nlm4Procedure.Lock, string cookie = "c") =>
        ResultAsync(procedure, writer => new Nlm4LockArgs
        {
            Cookie = Encoding.ASCII.GetBytes(cookie),
            Block = block,
            Exclusive = exclusive,
            Lock = Lock(handle, offset, length, svid),
            Reclaim = false,
            State = State,
        }.Write(writer));

    public Task<Nlm4Status> CancelAsync(byte[] handle, ulong offset, ulong length, int svid = 1) =>
        ResultAsync(Nlm4Procedure.Cancel, writer => new Nlm4CancelArgs
        {
            Cookie = "c"u8,
            Block = true,
            Exclusive = true,
            Lock = Lock(handle, offset, length, svid),
        }.Write(writer));

    public Task<Nlm4Status> UnlockAsync(
        byte[] handle, ulong offset, ulong length, int svid = 1, Nlm4Procedure procedure = Nlm4Procedure.Unlock) =>
        ResultAsync(procedure, writer => new Nlm4UnlockArgs
        {
            Cookie = "u"u8,
            Lock = Lock(handle, offset, length, svid),
        }.Write(writer));

    public async Task<(Nlm4Status Status, int Svid, string Owner, ulong Offset, ulong Length)> TestAsync(
        byte[] handle, ulong offset, ulong length, bool exclusive = true, int svid = 1)
    {
        var answer = await CallAsync(Nlm4Protocol.Program, 4, (uint)Nlm4Procedure.Test, writer => new Nlm4TestArgs
        {
            Cookie = "t"u8,
            Exclusive = exclusive,
            Lock = Lock(handle, offset, length, svid),
        }.Write(writer));
        return Read(answer.Results);

        static (Nlm4Status, int, string, ulong, ulong) Read(byte[] results)
        {
            Assert.That(Nlm4TestResult.TryParse(results, out var result));
            var holder = result.Holder;
            return (result.Status, holder.Svid, Encoding.ASCII.GetString(holder.OwnerHandle), holder.Offset, holder.Length);
        }
    }

    public async Task<Nlm4Status> ShareAsync(byte[] handle, Nlm4ShareBits access, Nlm4ShareBits deny, bool ends = false)
    {
        var procedure = ends ? Nlm4Procedure.Unshare : Nlm4Procedure.Share;
        var answer = await CallAsync(Nlm4Protocol.Program, 4, (uint)procedure, writer => new Nlm4ShareArgs
        {
            Cookie = "s"u8,
            CallerName = Encoding.ASCII.GetBytes(name),
            Handle = handle,
            OwnerHandle = "dos"u8,
            Access = access,
            Deny = deny,
            Reclaim = false,
        }.Write(writer));
        Assert.That(Nlm4ShareResult.TryParse(answer.Results, out var result));
        return result.Status;
    }

    public async Task FreeAllAsync() =>
        await CallAsync(Nlm4Protocol.Program, 4, (uint)Nlm4Procedure.FreeAll, writer =>
            new Nlm4FreeAllArgs { Name = Encoding.ASCII.GetBytes(name), State = 1 }.Write(writer));

    public async Task NotifyAsync(int state, string? under = null) =>
        await CallAsync(NsmProtocol.Program, 1, (uint)NsmProcedure.Notify, writer => WriteNotice(writer, state, under));

    public async Task NotifyByDatagramAsync(IPEndPoint monitor, int state)
    {
        using var socket = new Socket(AddressFamily.InterNetwork, SocketType.Dgram, ProtocolType.Udp);
        socket.Bind(new IPEndPoint(Address, 0));
        using var writer = new XdrWriter();
        WriteNotice(writer, state, null);
        var call = RpcSocket.Call(1, NsmProtocol.Program, 1, (uint)NsmProcedure.Notify, writer.WrittenSpan.ToArray());
        await socket.SendToAsync(call, monitor);
        using var patience = new CancellationTokenSource(TimeSpan.FromSeconds(10));
        var reply = new byte[100];
        var received = await socket.ReceiveFromAsync(reply, monitor, patience.Token);
        Assert.That(RpcReplyHeader.TryParse(reply.AsSpan(0, received.ReceivedBytes), out var header));
        Assert.That(header.Succeeded);
    }

    public async Task<(RpcReplyHeader Header, byte[] Results)> CallAsync(
        uint program, uint version, uint procedure, Action<XdrWriter>? write = null)
    {
        _socket ??= await Server.ConnectAsync(Address);
        using var writer = new XdrWriter();
        write?.Invoke(writer);
        var caller = RpcCredentials.Sys(0, 0, [], name);
        await _socket.SendAsync(RpcSocket.Marked(
            RpcSocket.Call(NextXid++, program, version, procedure, writer.WrittenSpan.ToArray(), caller)));
        return await _socket.ReplyAsync();
    }

    public void Disconnect()
    {
        _socket?.Dispose();
        _socket = null;
    }

    public async ValueTask DisposeAsync()
    {
        Disconnect();
        if (_own is not null) await _own.DisposeAsync();
    }

    private async Task<Nlm4Status> ResultAsync(Nlm4Procedure procedure, Action<XdrWriter> write)
    {
        var (header, results) = await CallAsync(Nlm4Protocol.Program, 4, (uint)procedure, write);
        Assert.That(header.Succeeded);
        if (procedure is >= Nlm4Procedure.TestMessage and <= Nlm4Procedure.GrantedMessage) return Nlm4Status.Granted;

        Assert.That(Nlm4Result.TryParse(results, out var result));
        return result.Status;
    }

    private void WriteNotice(XdrWriter writer, int state, string? under) =>
        new NsmChangeArgs { Name = Encoding.ASCII.GetBytes(under ?? name), State = state }.Write(writer);

    private Nlm4Lock Lock(byte[] handle, ulong offset, ulong length, int svid) => new()
    {
        CallerName = Encoding.ASCII.GetBytes(name),
        Handle = handle,
        OwnerHandle = Encoding.ASCII.GetBytes($"{svid}@{name}"),
        Svid = svid,
        Offset = offset,
        Length = length,
    };

    internal sealed record GrantedCall(Nlm4Procedure Procedure, byte[] Cookie, byte[] Handle, int Svid, ulong Offset, ulong Length, IPAddress From);

    /// <summary>The client's lock manager.</summary>
    private sealed class Lockd : IRpcProgram
    {
        public ConcurrentQueue<GrantedCall> Granted { get; } = new();

        public ConcurrentQueue<(Nlm4Procedure, string, Nlm4Status)> Results { get; } = new();

        public Nlm4Status Answer { get; set; } = Nlm4Status.Granted;

        public uint Number => Nlm4Protocol.Program;

        public uint VersionMin => 4;

        public uint VersionMax => 4;

        public string Name => "lockd";

        public ValueTask<RpcAcceptStatus> DispatchAsync(RpcContext call)
        {
            var procedure = (Nlm4Procedure)call.Procedure;
            if (procedure is Nlm4Procedure.Granted or Nlm4Procedure.GrantedMessage)
            {
                if (!Nlm4TestArgs.TryParse(call.Arguments.Span, out var args)) return new(RpcAcceptStatus.GarbageArguments);
                Granted.Enqueue(new GrantedCall(
                    procedure, args.Cookie.ToArray(), args.Lock.Handle.ToArray(), args.Lock.Svid, args.Lock.Offset,
                    args.Lock.Length, call.PeerAddress));
                if (procedure == Nlm4Procedure.Granted)
                    new Nlm4Result { Cookie = args.Cookie, Status = Answer }.Write(call.Output);
                return new(RpcAcceptStatus.Success);
            }

            if (procedure == Nlm4Procedure.TestResult)
            {
                if (!Nlm4TestResult.TryParse(call.Arguments.Span, out var test)) return new(RpcAcceptStatus.GarbageArguments);
                Results.Enqueue((procedure, Encoding.ASCII.GetString(test.Cookie), test.Status));
                return new(RpcAcceptStatus.Success);
            }

            if (!Nlm4Result.TryParse(call.Arguments.Span, out var result)) return new(RpcAcceptStatus.GarbageArguments);
            Results.Enqueue((procedure, Encoding.ASCII.GetString(result.Cookie), result.Status));
            return new(RpcAcceptStatus.Success);
        }
    }
}
