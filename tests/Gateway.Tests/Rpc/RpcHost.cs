using System.Buffers.Binary;
using System.Net;
using System.Net.Sockets;
using Gateway.Nfs.Rpc;
using Gateway.Protocol.Wire;
using Gateway.Sockets;
using Gateway.Telemetry;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Rpc;

/// <summary>An RPC server on a free loopback port, inside the test's process.</summary>
internal sealed class RpcHost : IAsyncDisposable
{
    private readonly WebApplication _application;

    private RpcHost(WebApplication application, RpcConnectionHandler handler, TransferMemory memory, GatewayMetrics metrics)
    {
        _application = application;
        Memory = memory;
        Handler = handler;
        Metrics = metrics;
        var addresses = application.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!;
        EndPoint = new IPEndPoint(IPAddress.Loopback, new Uri(addresses.Addresses.First()).Port);
    }

    public RpcConnectionHandler Handler { get; }

    public TransferMemory Memory { get; }

    public GatewayMetrics Metrics { get; }

    public IPEndPoint EndPoint { get; }

    public static Task<RpcHost> StartAsync(params IRpcProgram[] programs) =>
        StartAsync(new RpcLimits(), TimeProvider.System, programs);

    public static Task<RpcHost> StartAsync(RpcLimits limits, TimeProvider time, params IRpcProgram[] programs) =>
        StartAsync(new IPEndPoint(IPAddress.Loopback, 0), limits, time, programs);

    public static async Task<RpcHost> StartAsync(
        IPEndPoint listenAt, RpcLimits limits, TimeProvider time, params IRpcProgram[] programs)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.Services.AddMetrics();
        builder.Services.AddSingleton<GatewayMetrics>();
        builder.WebHost.UseSockets(TcpTransport.Configure);
        var memory = new TransferMemory();
        RpcConnectionHandler? handler = null;
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.AddServerHeader = false;
            handler = new RpcConnectionHandler(
                programs,
                limits,
                memory,
                kestrel.ApplicationServices.GetRequiredService<GatewayMetrics>(),
                time,
                NullLogger<RpcConnectionHandler>.Instance);
            kestrel.Listen(listenAt, listen => listen.UseHandler(handler));
        });
        var application = builder.Build();
        await application.StartAsync();
        return new RpcHost(application, handler!, memory, application.Services.GetRequiredService<GatewayMetrics>());
    }

    public async Task<RpcSocket> ConnectAsync(IPAddress? from = null)
    {
        var socket = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp) { NoDelay = true };
        if (from is not null) socket.Bind(new IPEndPoint(from, 0));
        await socket.ConnectAsync(EndPoint);
        return new RpcSocket(socket);
    }

    public async ValueTask DisposeAsync()
    {
        using var soon = new CancellationTokenSource(TimeSpan.FromSeconds(2));
        await _application.StopAsync(soon.Token);
        await _application.DisposeAsync();
        Handler.Dispose();
    }
}

/// <summary>A bare client connection: records out, records in.</summary>
internal sealed class RpcSocket(Socket socket) : IDisposable
{
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(10);

    public Socket Socket { get; } = socket;

    public static byte[] Call(
        uint xid, uint program, uint version, uint procedure, byte[]? arguments = null, RpcCredentials? caller = null)
    {
        var header = new byte[512];
        var length = RpcCall.WriteHeader(header, xid, program, version, procedure, caller ?? RpcCredentials.None);
        return [.. header[..length], .. arguments ?? []];
    }

    public static byte[] Marked(byte[] record) => Fragment(record, last: true);

    public static byte[] Fragment(byte[] bytes, bool last)
    {
        var framed = new byte[bytes.Length + RecordMark.Bytes];
        new RecordMark(bytes.Length, last).Write(framed);
        bytes.CopyTo(framed, RecordMark.Bytes);
        return framed;
    }

    public async Task SendAsync(byte[] bytes)
    {
        var sent = 0;
        while (sent < bytes.Length) sent += await Socket.SendAsync(bytes.AsMemory(sent));
    }

    /// <summary>The next record, or null when the server closed the connection.</summary>
    public async Task<byte[]?> ReceiveAsync()
    {
        using var patience = new CancellationTokenSource(Patience);
        var header = new byte[RecordMark.Bytes];
        if (!await FillAsync(header, patience.Token)) return null;

        var mark = RecordMark.Read(header);
        Assert.That(mark.Last, "replies are sent in one fragment");
        var record = new byte[mark.FragmentBytes];
        return await FillAsync(record, patience.Token) ? record : null;
    }

    public async Task<(RpcReplyHeader Header, byte[] Results)> ReplyAsync()
    {
        var record = await ReceiveAsync();
        Assert.That(record, Is.Not.Null, "the connection was closed");
        Assert.That(RpcReplyHeader.TryParse(record, out var header), "not a reply");
        return (header, record![header.HeaderBytes..]);
    }

    public void Dispose() => Socket.Dispose();

    public static byte[] UInt32(uint value)
    {
        var bytes = new byte[4];
        BinaryPrimitives.WriteUInt32BigEndian(bytes, value);
        return bytes;
    }

    private async Task<bool> FillAsync(Memory<byte> target, CancellationToken cancellation)
    {
        try
        {
            while (target.Length > 0)
            {
                var count = await Socket.ReceiveAsync(target, cancellation);
                if (count == 0) return false;
                target = target[count..];
            }

            return true;
        }
        catch (SocketException)
        {
            return false;
        }
    }
}
