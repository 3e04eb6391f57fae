using System.Collections.Concurrent;
using System.Net;
using Gateway.Replication.Wire;
using Microsoft.AspNetCore.Connections;
using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Links;

/// <summary>The node's end of its links: behind a Kestrel listener, and of owners in the same process.</summary>
public sealed class NodeConnectionHandler(
    INodeVolumes node, LinkTrust trust, TimeProvider time, ILogger<NodeConnectionHandler> logger)
        : ConnectionHandler
{
    /// <summary>A peer that has not proved itself by then is closed.</summary>
    public static readonly TimeSpan HandshakeTimeout = TimeSpan.FromSeconds(5);

    /// <summary>Peers remembered as already logged.</summary>
    private const int RefusedPeersMax = 1024;

    private readonly ConcurrentDictionary<(IPAddress?, LinkRefusal), bool> _refused = new();

    /// <summary>Kestrel closes the connection itself.</summary>
    public override Task OnConnectedAsync(ConnectionContext connection)
    {
        var closed = connection.ConnectionClosed;
        return GuardAsync(connection.RemoteEndPoint, async handshake =>
        {
            await using var link = await LinkEntrance.OpenAsync(connection, trust, handshake);
            await RunAsync(link, handshake, closed);
        }, closed);
    }

    /// <summary>Serves one link to its end. Does not throw.</summary>
    /// <param name="link">Not disposed here.</param>
    /// <param name="peer">For the log; null within the process.</param>
    /// <param name="closed">Ends it.</param>
    public Task ServeAsync(IFrameTransport link, EndPoint? peer, CancellationToken closed) =>
        GuardAsync(peer, handshake => RunAsync(link, handshake, closed), closed);

    private async Task RunAsync(IFrameTransport link, CancellationToken handshake, CancellationToken closed)
    {
        using var entry = await LinkHandshake.AcceptAsync(link, trust, node, handshake);
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(entry.Closing, closed);
        await using var connection = new NodeConnection(entry.Requests, link);
        await connection.RunAsync(ended.Token);
    }

    // From the first byte to the end of the handshake there is one limit of time.
    private async Task GuardAsync(EndPoint? peer, Func<CancellationToken, Task> serve, CancellationToken closed)
    {
        using var timeout = new CancellationTokenSource(HandshakeTimeout, time);
        using var handshake = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, closed);
        try
        {
            await serve(handshake.Token);
        }
        catch (LinkRefusedException refused)
        {
            LogOnce((peer as IPEndPoint)?.Address, refused);
        }
        catch (WireViolationException violation)
        {
            Log.Violation(logger, peer, violation.Message);
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or ConnectionAbortedException)
        {
            Log.Closed(logger, peer, error.Message);
        }
#pragma warning disable CA1031 // A broken invariant of the node ends this link; the node has told its process.
        catch (Exception error)
#pragma warning restore CA1031
        {
            Log.Broken(logger, peer, error);
        }
    }

    // A peer with a wrong secret tries again for ever; it is worth one line.
    private void LogOnce(IPAddress? peer, LinkRefusedException refused)
    {
        if (_refused.Count < RefusedPeersMax && _refused.TryAdd((peer, refused.Reason), true))
            Log.Refused(logger, peer, refused.Cause);
    }
}
