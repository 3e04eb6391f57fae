using System.Collections.Concurrent;
using System.Net;
using Gateway.FileSystem;
using Gateway.Sockets;
using Gateway.Telemetry;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;
using Microsoft.Extensions.Logging;

namespace Gateway.Nfs.Rpc;

/// <summary>Serves RPC programs on the connections Kestrel accepts: <c>listen.UseConnectionHandler</c> or <c>listen.Run</c>.</summary>
/// <remarks>Threading: any number of connections at once, at most <see cref="RpcLimits.ConnectionsMax"/>.</remarks>
internal sealed class RpcConnectionHandler : ConnectionHandler, IDisposable
{
    private static readonly TimeSpan StallCheckInterval = TimeSpan.FromSeconds(2);

    private readonly RpcServerState _server;
    private readonly ILogger _logger;
    private readonly ConcurrentDictionary<long, RpcConnection> _connections = new();
    private readonly ITimer _stallCheck;
    private long _lastId;
    private int _open;

    public RpcConnectionHandler(
        IEnumerable<IRpcProgram> programs,
        RpcLimits limits,
        TransferMemory memory,
        GatewayMetrics metrics,
        TimeProvider time,
        ILogger<RpcConnectionHandler> logger)
    {
        _logger = logger;
        _server = new RpcServerState(new RpcPrograms(programs, metrics), limits, memory, metrics, time, logger);
        _stallCheck = time.CreateTimer(_ => CheckStalls(), null, StallCheckInterval, StallCheckInterval);
    }

    public int OpenConnections => Volatile.Read(ref _open);

    /// <summary>The <see cref="RpcPeer.Id"/> of the connection that came last; 0 before the first.</summary>
    public long NewestPeer => Interlocked.Read(ref _lastId);

    /// <summary>The peers connected now.</summary>
    public IEnumerable<RpcPeer> Peers => _connections.Values.Select(connection => connection.Peer);

    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        if (Interlocked.Increment(ref _open) > _server.Limits.ConnectionsMax)
        {
            Interlocked.Decrement(ref _open);
            Refuse(connection);
            return;
        }

        var id = Interlocked.Increment(ref _lastId);
        using var served = new RpcConnection(_server, connection, id);
        _connections[id] = served;
        _server.ReportOpened(served.Peer);
        try
        {
            var stopping = connection.Features.Get<IConnectionLifetimeNotificationFeature>();
            using (stopping?.ConnectionClosedRequested.UnsafeRegister(
                static state => ((RpcConnection)state!).Stop(), served))
            {
                await served.RunAsync();
            }
        }
        finally
        {
            _connections.TryRemove(id, out _);
            Interlocked.Decrement(ref _open);
            _server.ReportEnded(served.Peer);
        }
    }

    /// <summary>Serves the same programs over UDP. Throws <see cref="System.Net.Sockets.SocketException"/> when it cannot bind.</summary>
    public RpcDatagramEndpoint ListenForDatagrams(IPEndPoint listen) => new(_server, listen);

    /// <summary>
    /// Ends the connections that have used the volume, at once: their clients reconnect to where it is by then, and send
    /// again what was not answered.
    /// </summary>
    public void AbortUsersOf(FileTree volume)
    {
        foreach (var (_, connection) in _connections)
        {
            if (connection.Peer.HasUsed(volume)) connection.Abort();
        }
    }

    public void Dispose() => _stallCheck.Dispose();

    private void Refuse(ConnectionContext connection)
    {
        _server.Metrics.RpcConnectionRefused();
        _logger.RpcConnectionRefused(((IPEndPoint)connection.RemoteEndPoint!).Address, _server.Limits.ConnectionsMax);
        connection.Abort();
    }

    private void CheckStalls()
    {
        var now = _server.Time.GetTimestamp();
        foreach (var (_, connection) in _connections) connection.CheckStall(now);
    }
}
