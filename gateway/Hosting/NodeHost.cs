using System.Net;
using Gateway.Replication.Links;
using Gateway.Replication.Nodes;
using Gateway.Replication.Wire;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace Gateway.Hosting;

/// <summary>
/// A backend node, behind a port or for the gateway in the same process, for as long as that lives. A node whose disk
/// failed has ended for good; here it is opened again, suspect, as a restarted daemon would be. After the second failure
/// within a day nothing is opened, and a <see cref="FailedNode"/> says so to who asks.
/// </summary>
/// <remarks>Threading: starting and disposal from one thread; connections from any.</remarks>
internal sealed class NodeHost : INodeConnector, IAsyncDisposable
{
    /// <summary>Links that the owner and others hold to one node.</summary>
    private const int ConnectionsMax = 256;

    private static readonly TimeSpan ReopenDelay = TimeSpan.FromSeconds(2);

    private readonly BackendNodeOptions _options;
    private readonly ClusterSecret _secret;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private readonly bool _reopens;
    private readonly CancellationTokenSource _stopping = new();
    private readonly TaskCompletionSource<Exception> _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private NodeGeneration? _current;
    private TcpEndpoint? _endpoint;
    private Task _supervision = Task.CompletedTask;

    /// <param name="reopens">Open a failed node again here, instead of only reporting it by <see cref="Failed"/>.</param>
    public NodeHost(
        string id, string directory, ClusterSecret secret, bool reopens, TimeProvider time, ILoggerFactory loggers)
    {
        (_secret, _reopens, _time, _loggers) = (secret, reopens, time, loggers);
        _logger = loggers.CreateLogger<NodeHost>();
        _options = new BackendNodeOptions
        {
            Node = id,
            DataDirectory = directory,
            Cluster = secret.Cluster,
            Failed = OnFailed,
        };
    }

    /// <summary>Completes when the node's disk failed and it is not to be opened again here.</summary>
    public Task<Exception> Failed => _failed.Task;

    public string Id => _options.Node;

    public string Address => "in process";

    /// <summary>Opens the node for the gateway in this process; nobody else reaches it.</summary>
    /// <exception cref="StartException">The directory cannot be used.</exception>
    public void Start()
    {
        try
        {
            _current = Open();
        }
        catch (NodeStartException error)
        {
            throw new StartException(error.Message, error);
        }

        if (_reopens) _supervision = SuperviseAsync();
    }

    /// <summary>Opens the node and lets gateways elsewhere connect to it.</summary>
    /// <exception cref="StartException">The directory or the address cannot be used.</exception>
    public async Task<IPEndPoint> ListenAsync(IPEndPoint listen)
    {
        Start();
        _endpoint = await TcpEndpoint.ListenAsync(listen, ConnectionsMax, ServeAsync, _loggers);
        return _endpoint.Address;
    }

    public ValueTask<IFrameTransport> ConnectAsync(int outboxBytesMax, CancellationToken cancellation) =>
        Serving is { } generation
            ? generation.Local.ConnectAsync(outboxBytesMax, cancellation)
            : throw new IOException("the node's disk has failed");

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _supervision;
        if (_endpoint is not null)
        {
            using var now = new CancellationTokenSource(TimeSpan.Zero);
            await _endpoint.StopAsync(now.Token);
            await _endpoint.DisposeAsync();
        }

        if (Volatile.Read(ref _current) is { } last) await CloseAsync(last);
        _stopping.Dispose();
    }

    private NodeGeneration? Serving =>
        Volatile.Read(ref _current) is { Broken.Task.IsCompleted: false } generation ? generation : null;

    // Links first: their requests use the node.
    private static async Task CloseAsync(NodeGeneration generation)
    {
        await generation.Local.DisposeAsync();
        generation.Node?.Dispose();
    }

    private Task ServeAsync(ConnectionContext connection)
    {
        if (Serving is { } generation) return generation.Connections.OnConnectedAsync(connection);

        connection.Abort();
        return Task.CompletedTask;
    }

    private NodeGeneration Open()
    {
        BackendNode? node = null;
        INodeRequests requests;
        try
        {
            node = BackendNode.Open(_options, _time, _loggers.CreateLogger<BackendNode>());
            requests = node.Requests;
        }
        catch (DeviceFailedException error)
        {
            Log.NodeDeviceFailed(_logger, Id, error.Message);
            requests = new FailedNode(Id);
        }

        var connections = new NodeConnectionHandler(
            requests, _secret, _time, _loggers.CreateLogger<NodeConnectionHandler>());
        return new NodeGeneration(node, connections, new LocalNode(connections));
    }

    private void OnFailed(Exception failure)
    {
        if (_reopens) Volatile.Read(ref _current)?.Broken.TrySetResult(failure);
        else _failed.TrySetResult(failure);
    }

    private async Task SuperviseAsync()
    {
        try
        {
            while (true)
            {
                await _current!.Broken.Task.WaitAsync(_stopping.Token);
                await CloseAsync(_current);
                await ReopenAsync();
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The process ends.
        }
    }

    private async Task ReopenAsync()
    {
        while (true)
        {
            await Task.Delay(ReopenDelay, _time, _stopping.Token);
            try
            {
                Volatile.Write(ref _current, Open());
                return;
            }
            catch (Exception error) when (error is NodeStartException or Replication.Disks.DiskException)
            {
                Log.NodeReopenFailed(_logger, Id, error.Message);
            }
        }
    }

    private sealed record NodeGeneration(BackendNode? Node, NodeConnectionHandler Connections, LocalNode Local)
    {
        public TaskCompletionSource<Exception> Broken { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}
