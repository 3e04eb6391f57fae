using System.Net;
using Gateway.Replication.Links;
using Gateway.Replication.Nodes;
using Gateway.Replication.Wire;
using Gateway.Telemetry;
using Microsoft.Extensions.Logging;

namespace Gateway.Hosting;

/// <summary>
/// A backend node, behind a port or for the gateway in the same process, for as long as that lives.
/// </summary>
/// <remarks>Threading: starting and disposal from one thread; connections from any.</remarks>
internal sealed class NodeHost : INodeConnector, IAsyncDisposable
{
    /// <summary>Links that owners and others hold to one node, of all its volumes.</summary>
    private const int ConnectionsMax = 1024;

    private readonly NodeVolumesOptions _options;
    private readonly LinkTrust _trust;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;
    private readonly TaskCompletionSource<Exception> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private NodeVolumes? _volumes;
    private NodeConnectionHandler? _connections;
    private LocalNode? _local;
    private TcpEndpoint? _endpoint;

    /// <param name="id">Its name.</param>
    /// <param name="directory">Where it keeps everything.</param>
    /// <param name="trust">Whose links it takes.</param>
    /// <param name="reopens">Open a failed copy again here, instead of only reporting it by <see cref="Failed"/>.</param>
    /// <param name="time">The boot-time clock.</param>
    /// <param name="loggers">For what happens.</param>
    public NodeHost(
        string id, string directory, LinkTrust trust, bool reopens, TimeProvider time, ILoggerFactory loggers)
    {
        (_trust, _time, _loggers) = (trust, time, loggers);
        _options = new NodeVolumesOptions
        {
            Node = id,
            DataDirectory = directory,
            Cluster = trust.Cluster,
            Reopens = reopens,
            Failed = failure => _failed.TrySetResult(failure),
        };
    }

    /// <summary>Completes when the node's disk failed and it is not to be opened again here.</summary>
    public Task<Exception> Failed => _failed.Task;

    public string Address => "in process";

    /// <summary>What the node says of its copies.</summary>
    public IEnumerable<NodeCopy> Copies() =>
        _volumes?.Conditions().Select(copy => new NodeCopy(_options.Node, copy.Volume, copy.Condition)) ?? [];

    /// <summary>Opens the node for the gateway in this process; nobody else reaches it.</summary>
    /// <exception cref="StartException">The directory cannot be used.</exception>
    public async Task StartAsync()
    {
        try
        {
            _volumes = await NodeVolumes.OpenAsync(_options, _time, _loggers);
        }
        catch (Exception error) when (error is NodeStartException or Replication.Disks.DiskException)
        {
            throw new StartException(error.Message, error);
        }

        _connections = new NodeConnectionHandler(
            _volumes, _trust, _time, _loggers.CreateLogger<NodeConnectionHandler>());
        _local = new LocalNode(_connections);
    }

    /// <summary>Opens the node and lets gateways elsewhere connect to it.</summary>
    /// <exception cref="StartException">The directory or the address cannot be used.</exception>
    public async Task<IPEndPoint> ListenAsync(IPEndPoint listen)
    {
        await StartAsync();
        _endpoint = await TcpEndpoint.ListenAsync(listen, ConnectionsMax, _connections!.OnConnectedAsync, _loggers);
        return _endpoint.Address;
    }

    public ValueTask<IFrameTransport> ConnectAsync(NodeLinkOptions link, CancellationToken cancellation) =>
        _local!.ConnectAsync(link, cancellation);

    public async ValueTask DisposeAsync()
    {
        if (_endpoint is not null)
        {
            using var now = new CancellationTokenSource(TimeSpan.Zero);
            await _endpoint.StopAsync(now.Token);
            await _endpoint.DisposeAsync();
        }

        // Links before what they use.
        if (_local is not null) await _local.DisposeAsync();
        if (_volumes is not null) await _volumes.DisposeAsync();
    }
}
