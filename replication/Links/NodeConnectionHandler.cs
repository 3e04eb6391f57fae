using System.Collections.Concurrent;
using System.Net;
using Gateway.Replication.Wire;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Links;

/// <summary>The node's end of its links, behind a Kestrel listener.</summary>
public sealed class NodeConnectionHandler(
    INodeRequests node, ClusterSecret secret, TimeProvider time, ILogger<NodeConnectionHandler> logger)
        : ConnectionHandler
{
    /// <summary>A peer that has not proved itself by then is closed.</summary>
    public static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Peers remembered as already logged.</summary>
    private const int RefusedPeersMax = 1024;

    private readonly ConcurrentDictionary<(IPAddress?, LinkRefusal), bool> _refused = new();

    public override async Task OnConnectedAsync(ConnectionContext connection)
    {
        using var timeout = new CancellationTokenSource(HandshakeTimeout, time);
        using var handshake =
            CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, connection.ConnectionClosed);
        var output = connection.Transport.Output.AsStream();
        var input = new FrameReader(connection.Transport.Input.AsStream(), FrameLimits.HandshakeHeadBytesMax);
        try
        {
            await LinkHandshake.AcceptAsync(output, input, secret, node.Identity, handshake.Token);
            input.HeadBytesMax = FrameLimits.HeadBytesMax;
            await using var link = new NodeConnection(node, input, output);
            await link.RunAsync(connection.ConnectionClosed);
        }
        catch (LinkRefusedException refused)
        {
            LogOnce((connection.RemoteEndPoint as IPEndPoint)?.Address, refused.Reason);
        }
        catch (WireViolationException violation)
        {
            Log.Violation(logger, connection.RemoteEndPoint, violation.Message);
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or ConnectionAbortedException)
        {
            Log.Closed(logger, connection.RemoteEndPoint, error.Message);
        }
    }

    // A peer with a wrong secret tries again for ever; it is worth one line.
    private void LogOnce(IPAddress? peer, LinkRefusal reason)
    {
        if (_refused.Count < RefusedPeersMax && _refused.TryAdd((peer, reason), true))
            Log.Refused(logger, peer, reason);
    }
}
