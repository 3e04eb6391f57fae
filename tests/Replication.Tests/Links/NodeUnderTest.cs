using Gateway.Replication.Links;
using Gateway.Replication.Wire;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Replication.Tests.Links;

/// <summary>What links run over; the same tests hold for each.</summary>
public enum LinkKind
{
    Tcp,
    Tls,
    InProcess,
}

/// <summary>A node that is reached the same way whenever it runs.</summary>
internal sealed class NodeUnderTest(
    LinkKind kind, LinkTrust trust, ILogger<NodeConnectionHandler>? logger = null) : INodeConnector, IAsyncDisposable
{
    private NodeListener? _listener;
    private LocalNode? _local;
    private int _port;

    public string Address => kind.ToString();

    public static async Task<NodeUnderTest> StartAsync(
        LinkKind kind, INodeRequests node, LinkTrust trust, ILogger<NodeConnectionHandler>? logger = null)
    {
        var started = new NodeUnderTest(kind, trust, logger);
        await started.StartAsync(node);
        return started;
    }

    public async Task StartAsync(INodeRequests node)
    {
        if (kind == LinkKind.InProcess)
        {
            _local = new LocalNode(new NodeConnectionHandler(
                new OneVolume(node), trust, TimeProvider.System, logger ?? NullLogger<NodeConnectionHandler>.Instance));
            return;
        }

        _listener = await NodeListener.StartAsync(node, trust, _port, logger);
        _port = _listener.Port;
    }

    public ValueTask<IFrameTransport> ConnectAsync(NodeLinkOptions link, CancellationToken cancellation)
    {
        if (kind != LinkKind.InProcess)
            return new TcpNodeConnector("127.0.0.1", _port).ConnectAsync(link, cancellation);

        return _local?.ConnectAsync(link, cancellation) ?? throw new IOException("the node is stopped");
    }

    public async ValueTask DisposeAsync()
    {
        var (listener, local) = (_listener, _local);
        (_listener, _local) = (null, null);
        if (listener is not null) await listener.DisposeAsync();
        if (local is not null) await local.DisposeAsync();
    }
}
