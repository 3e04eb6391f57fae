using System.Diagnostics.Metrics;
using System.Net;
using System.Net.Sockets;
using Gateway.FileSystem;
using Gateway.Nfs;
using Gateway.Nfs.Exports;
using Gateway.Nfs.Locks;
using Gateway.Nfs.Rpc;
using Gateway.Replication.Links;
using Gateway.Replication.Store;
using Gateway.Sockets;
using Gateway.Telemetry;
using Gateway.Users;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;

namespace Gateway.Hosting;

/// <summary>The protocols of one volume: file system, RPC programs, the port they share, and what the port mapper knows.</summary>
internal sealed class FileServer : IAsyncDisposable
{
    private static readonly TimeSpan DrainTimeout = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan FlushTimeout = TimeSpan.FromSeconds(2);

    private static readonly RpcLimits Limits = new();

    private readonly ServiceProvider _services;
    private readonly ILogger _logger;
    private readonly TransferMemory _memory = new();
    private readonly RpcConnectionHandler _connections;
    private readonly LockServer _locks;
    private TcpEndpoint? _endpoint;
    private RpcDatagramEndpoint? _notices;
    private PortmapPresence? _portmap;
    private SmbPresence? _smb;
    private bool _stopped;

    private FileServer(ServiceProvider services, FileTree tree, ExportTable exports, TimeProvider time, ILoggerFactory loggers)
    {
        _services = services;
        _logger = loggers.CreateLogger<FileServer>();
        Tree = tree;
        Metrics = new GatewayMetrics(services.GetRequiredService<IMeterFactory>());
        Mount = new MountProgram(exports);
        _locks = new LockServer(exports, time, loggers);
        Programs = [new Nfs3Program(exports, time), Mount, .. _locks.Programs];
        _connections = new RpcConnectionHandler(
            Programs, Limits, _memory, Metrics, time, loggers.CreateLogger<RpcConnectionHandler>());
    }

    public FileTree Tree { get; }

    public GatewayMetrics Metrics { get; }

    public MountProgram Mount { get; }

    public IReadOnlyList<IRpcProgram> Programs { get; }

    /// <summary>Where clients reach NFS, MOUNT, NLM and NSM.</summary>
    public IPEndPoint NfsAddress => _endpoint!.Address;

    /// <summary>Where clients reach SMB; null without it.</summary>
    public IPEndPoint? SmbAddress => _smb?.Address;

    public int OpenConnections => _connections.OpenConnections + (_smb?.OpenConnections ?? 0);

    /// <exception cref="StartException">A port is in use, or the exports make no sense.</exception>
    public static async Task<FileServer> StartAsync(
        GatewayOptions options,
        IVolumeStore store,
        ClusterSecret secret,
        UserDirectory users,
        TimeProvider time,
        ILoggerFactory loggers,
        CancellationToken stop)
    {
        var tree = await FileTree.OpenAsync(
            store, new FileTreeOptions(), time, loggers.CreateLogger<FileTree>(), stop);
        var services = new ServiceCollection().AddMetrics().BuildServiceProvider();
        FileServer? server = null;
        try
        {
            var volumes = new Dictionary<string, FileTree> { [GatewayProcess.VolumeName] = tree };
            server = new FileServer(services, tree, new ExportTable(options.Exports, volumes), time, loggers);
            await server.ListenAsync(options, time, loggers, stop);
            server._smb = await SmbPresence.StartAsync(
                options, tree, secret, users, server._memory, server.Metrics, time, loggers);
            return server;
        }
        catch
        {
            if (server is not null) await server.DisposeAsync();
            throw;
        }
    }

    /// <summary>Lets no more requests in, lets the running ones end, makes everything written durable. Within three seconds.</summary>
    public async Task StopAsync()
    {
        if (_stopped) return;
        _stopped = true;
        if (_portmap is not null) await _portmap.DisposeAsync();
        using var drained = new CancellationTokenSource(DrainTimeout);
        await Task.WhenAll(_endpoint?.StopAsync(drained.Token) ?? Task.CompletedTask, _smb?.StopAsync(drained.Token) ?? Task.CompletedTask);
        if (_endpoint is not null) await _endpoint.DisposeAsync();
        if (_smb is not null) await _smb.DisposeAsync();

        if (_notices is not null) await _notices.DisposeAsync();
        await _locks.DisposeAsync();
        var status = await FlushAsync();
        if (status != FileStatus.Ok) Log.FlushIncomplete(_logger, status.ToString());
        await Tree.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _connections.Dispose();
        Metrics.Dispose();
        await _services.DisposeAsync();
    }

    private async Task ListenAsync(GatewayOptions options, TimeProvider time, ILoggerFactory loggers, CancellationToken stop)
    {
        var status = await _locks.StartAsync();
        if (status != FileStatus.Ok) throw new StartException($"the volume does not take the monitor's state: {status}");

        var listen = new IPEndPoint(options.Listen, options.NfsPort);
        _endpoint = await TcpEndpoint.ListenAsync(
            listen, Limits.ConnectionsMax, _connections.OnConnectedAsync, loggers, TcpTransport.Configure);
        _notices = ListenForNotices(_endpoint.Address);
        _portmap = await PortmapPresence.StartAsync(options, Programs, Metrics, time, loggers, stop);
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

    private async Task<FileStatus> FlushAsync()
    {
        try
        {
            return await Tree.FlushAsync().AsTask().WaitAsync(FlushTimeout);
        }
        catch (TimeoutException)
        {
            // Clients will send it again: the write verifier changes.
            return FileStatus.Unavailable;
        }
    }
}
