using System.Net;
using System.Net.Sockets;
using Gateway.Nfs.Portmap;
using Gateway.Nfs.Rpc;
using Gateway.Protocol.Portmap;
using Gateway.Sockets;
using Gateway.Telemetry;
using Microsoft.Extensions.Logging;

namespace Gateway.Hosting;

/// <summary>
/// How a bare <c>mount</c> finds us: registered with this machine's rpcbind where one runs, or, with <c>--portmap</c>,
/// by answering on port 111 ourselves.
/// </summary>
internal sealed class PortmapPresence : IAsyncDisposable
{
    private static readonly TimeSpan UnregisterTimeout = TimeSpan.FromSeconds(1);

    private readonly RpcbindRegistration? _registration;
    private readonly RpcConnectionHandler? _connections;
    private readonly TcpEndpoint? _stream;
    private readonly RpcDatagramEndpoint? _datagrams;

    private PortmapPresence(RpcbindRegistration registration) => _registration = registration;

    private PortmapPresence(RpcConnectionHandler connections, TcpEndpoint stream, RpcDatagramEndpoint datagrams) =>
        (_connections, _stream, _datagrams) = (connections, stream, datagrams);

    /// <exception cref="StartException">With <c>--portmap</c>: port 111 is taken or not allowed.</exception>
    public static async Task<PortmapPresence> StartAsync(
        GatewayOptions options,
        IReadOnlyList<IRpcProgram> programs,
        GatewayMetrics metrics,
        TimeProvider time,
        ILoggerFactory loggers,
        CancellationToken stop)
    {
        var services = PortmapService.Of(programs, options.NfsPort);
        if (options.Portmap) return await AnswerAsync(options, services, metrics, time, loggers);

        var registration = new RpcbindRegistration(
            services, options.Listen, loggers.CreateLogger<RpcbindRegistration>());
        await registration.RegisterAsync(stop);
        return new PortmapPresence(registration);
    }

    public async ValueTask DisposeAsync()
    {
        if (_registration is not null)
        {
            using var timeout = new CancellationTokenSource(UnregisterTimeout);
            await _registration.UnregisterAsync(timeout.Token);
        }

        if (_datagrams is not null) await _datagrams.DisposeAsync();
        if (_stream is not null)
        {
            using var now = new CancellationTokenSource(TimeSpan.Zero);
            await _stream.StopAsync(now.Token);
            await _stream.DisposeAsync();
        }

        _connections?.Dispose();
    }

    private static async Task<PortmapPresence> AnswerAsync(
        GatewayOptions options,
        IReadOnlyList<PortmapService> services,
        GatewayMetrics metrics,
        TimeProvider time,
        ILoggerFactory loggers)
    {
        var logger = loggers.CreateLogger<RpcConnectionHandler>();
        IRpcProgram[] programs = [new PortmapProgram(new PortmapRegistry(services), time)];
        var limits = new RpcLimits { ConnectionsMax = 1024 };

        // Its messages are small: of its own, so that finding the port does not wait for transfers.
        var memory = new TransferMemory();
        var connections = new RpcConnectionHandler(programs, limits, memory, metrics, time, logger);
        var listen = new IPEndPoint(options.Listen, PortmapProtocol.Port);
        var stream = await TcpEndpoint.ListenAsync(listen, limits.ConnectionsMax, connections.OnConnectedAsync, loggers);
        try
        {
            var state = new RpcServerState(new RpcPrograms(programs, metrics), limits, memory, metrics, time, logger);
            return new PortmapPresence(connections, stream, new RpcDatagramEndpoint(state, listen));
        }
        catch (SocketException error)
        {
            await stream.DisposeAsync();
            throw new StartException($"cannot listen on {listen} (UDP): {error.Message}", error);
        }
    }
}
