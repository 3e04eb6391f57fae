using System.Diagnostics.CodeAnalysis;
using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using Gateway.FileSystem;
using Gateway.Nfs;
using Gateway.Nfs.Exports;
using Gateway.Nfs.Locks;
using Gateway.Nfs.Rpc;
using Gateway.Replication.Links;
using Gateway.Sockets;
using Gateway.Telemetry;
using Gateway.Users;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gateway.Hosting;

/// <summary>
/// The protocols of a gateway that serves something: RPC programs and SMB, the ports they listen on, what the port mapper
/// knows, and which volumes they lead to.
/// </summary>
/// <remarks>Opening, closing and disposal one after another; the rest from any thread.</remarks>
[SuppressMessage("Maintainability", "CA1506", Justification = "The place where the parts of the protocols are put together.")]
internal sealed class ProtocolServer : IAsyncDisposable
{
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(1);

    private static readonly RpcLimits Limits = new();

    private readonly GatewayOptions _options;
    private readonly ClusterSecret _secret;
    private readonly UserDirectory _users;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;
    private readonly ServiceProvider _services;
    private readonly TransferMemory _memory = new();
    private readonly ExportTable _exports;
    private readonly LockServer _locks;
    private readonly RpcConnectionHandler _connections;
    private TcpEndpoint? _endpoint;
    private RpcDatagramEndpoint? _notices;
    private PortmapPresence? _portmap;
    private SmbPresence? _smb;
    private bool _drained;

    /// <summary>Without ports yet: they are opened with the first volume.</summary>
    /// <exception cref="ExportException">The exports make no sense.</exception>
    public ProtocolServer(
        GatewayOptions options, ClusterSecret secret, UserDirectory users, TimeProvider time, ILoggerFactory loggers)
    {
        (_options, _secret, _users, _time, _loggers) = (options, secret, users, time, loggers);
        _services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        Metrics = new GatewayMetrics(_services.GetRequiredService<IMeterFactory>());
        _exports = new ExportTable(options.Exports);
        Mount = new MountProgram(_exports);
        _locks = new LockServer(_exports, time, loggers);
        Programs = [new Nfs3Program(_exports, time), Mount, .. _locks.Programs];
        _connections = new RpcConnectionHandler(
            Programs, Limits, _memory, Metrics, time, loggers.CreateLogger<RpcConnectionHandler>());
    }

    public GatewayMetrics Metrics { get; }

    public MountProgram Mount { get; }

    public IReadOnlyList<IRpcProgram> Programs { get; }

    /// <summary>Where clients reach NFS, MOUNT, NLM and NSM.</summary>
    public IPEndPoint NfsAddress => _endpoint!.Address;

    /// <summary>Where clients reach SMB; null without it.</summary>
    public IPEndPoint? SmbAddress => _smb?.Address;

    public int OpenConnections => _connections.OpenConnections + (_smb?.OpenConnections ?? 0);

    /// <summary>There is a volume of this name, here or elsewhere.</summary>
    public void Declare(string volume) => _exports.Declare(volume);

    /// <summary>What is exported from now on.</summary>
    /// <exception cref="ExportException">It makes no sense; nothing has changed.</exception>
    public void Export(IReadOnlyList<ExportOptions> exports) => _exports.Replace(exports);

    /// <inheritdoc cref="SmbPresence.ShareAsync"/>
    public ValueTask ShareAsync(IReadOnlyList<ShareOptions> shares) => _smb?.ShareAsync(shares) ?? ValueTask.CompletedTask;

    /// <summary>Lets clients into a volume.</summary>
    /// <exception cref="StartException">A port is in use, or the volume does not take the monitor's state.</exception>
    public async Task OpenAsync(string volume, FileTree tree, CancellationToken cancellation)
    {
        var status = await _locks.OpenAsync(tree);
        if (status != FileStatus.Ok) throw new StartException($"the volume does not take the monitor's state: {status}");

        _exports.Open(volume, tree, _connections.NewestPeer);
        if (_endpoint is null) await ListenAsync(volume, tree, cancellation);
        else _smb?.Open(volume, tree);
    }

    /// <summary>Lets nobody into the volume any more, and ends the connections of who was.</summary>
    public async Task CloseAsync(string volume, FileTree tree)
    {
        _exports.Close(volume);
        _locks.Close(tree);
        _connections.AbortUsersOf(tree);
        if (_smb is not null) await _smb.CloseAsync(volume, tree);
    }

    /// <summary>Lets no more requests in, and the running ones end, within a second.</summary>
    public async Task DrainAsync()
    {
        if (_drained) return;
        _drained = true;
        if (_portmap is not null) await _portmap.DisposeAsync();
        using var drained = new CancellationTokenSource(DrainTimeout);
        await Task.WhenAll(
            _endpoint?.StopAsync(drained.Token) ?? Task.CompletedTask, _smb?.StopAsync(drained.Token) ?? Task.CompletedTask);
    }

    public async ValueTask DisposeAsync()
    {
        if (!_drained && _portmap is not null) await _portmap.DisposeAsync();
        if (_endpoint is not null) await _endpoint.DisposeAsync();
        if (_smb is not null) await _smb.DisposeAsync();
        if (_notices is not null) await _notices.DisposeAsync();
        await _locks.DisposeAsync();
        _connections.Dispose();
        Metrics.Dispose();
        await _services.DisposeAsync();
    }

    private async Task ListenAsync(string volume, FileTree tree, CancellationToken cancellation)
    {
        var listen = new IPEndPoint(_options.Listen, _options.NfsPort);
        _endpoint = await TcpEndpoint.ListenAsync(
            listen, Limits.ConnectionsMax, _connections.OnConnectedAsync, _loggers, TcpTransport.Configure);
        _notices = ListenForNotices(_endpoint.Address);
        _smb = await SmbPresence.StartAsync(_options, volume, tree, _secret, _users, _memory, Metrics, _time, _loggers);
        if (_options.IsRehearsal) return;

        _portmap = await PortmapPresence.StartAsync(_options, Programs, Metrics, _time, _loggers, cancellation);
    }

    // Clients that have restarted say so by datagram.
    private RpcDatagramEndpoint ListenForNotices(IPEndPoint listen)
    {
        try
        {
            return _connections.ListenForDatagrams(listen);
        }
        catch (SocketException error)
        {
            throw new StartException($"cannot listen on {listen} (UDP): {error.Message}", error);
        }
    }
}
