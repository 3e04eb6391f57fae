using Gateway.Replication.Quorum;
using Gateway.Replication.Wire;
using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Links;

/// <summary>The owner's end of one link to a node: stays connected, sends requests, matches replies to them.</summary>
/// <remarks>
/// Threading: any thread posts. One loop connects and reads, one writes. Nothing is kept over a lost connection:
/// requests under way complete unanswered, and whoever made them knows whether to make them again.
/// </remarks>
public sealed class NodeLink : IAsyncDisposable
{
    private readonly NodeLinkOptions _options;
    private readonly INodeLinkEvents _events;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _closing = new();
    private Task _running = Task.CompletedTask;
    private volatile NodeLinkSession? _session;
    private bool _downLogged;
    private string? _refusalLogged;

    public NodeLink(NodeLinkOptions options, INodeLinkEvents events, TimeProvider time, ILogger logger) =>
        (_options, _events, _time, _logger) = (options, events, time, logger);

    public string Node => _options.Node;

    /// <summary>True while connected and past the handshake.</summary>
    public bool IsUp => _session is not null;

    /// <summary>Begins to connect, and to connect again whenever the connection is lost.</summary>
    public void Start() => _running = RunAsync();

    /// <summary>Sends a journal request; false when the link is down or full, and the request is dropped.</summary>
    public bool TryPostJournal(NodeRequest request) =>
        _session is { } session && session.TryPostJournal(request);

    /// <summary>
    /// Sends a request and waits for its reply. Unanswered when the link is down, is lost, or the wait is cancelled:
    /// the node may have done it all the same.
    /// </summary>
    /// <param name="payloadBytes">The length of the payload that a good reply brings; the caller releases it.</param>
    public ValueTask<LinkAnswer<TReply>> RequestAsync<TRequest, TReply>(
        FrameKind kind, TRequest request, CancellationToken cancellation, int payloadBytes = 0)
        where TRequest : IWireMessage<TRequest>
        where TReply : IWireMessage<TReply> =>
        _session is { } session
            ? session.RequestAsync<TRequest, TReply>(kind, request, payloadBytes, cancellation)
            : default;

    /// <summary>
    /// Sends a slice and waits until it is durable. The lender is told when the link no longer reads the payload, which
    /// may be after the wait was cancelled; it is told in every case.
    /// </summary>
    public ValueTask<LinkAnswer<WriteSliceReply>> WriteSliceAsync(
        WriteSliceRequest request, LentPayload payload, CancellationToken cancellation)
    {
        if (_session is { } session) return session.WriteSliceAsync(request, payload, cancellation);
        payload.Release();
        return default;
    }

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _running;
        _closing.Dispose();
    }

    private async Task RunAsync()
    {
        var backoff = _options.BackoffMin;
        while (!_closing.IsCancellationRequested)
        {
            if (await ConnectAsync()) backoff = _options.BackoffMin;
            await DelayAsync(backoff);
            backoff = backoff * 2 < _options.BackoffMax ? backoff * 2 : _options.BackoffMax;
        }
    }

    // True when the link was up for a while.
    private async Task<bool> ConnectAsync()
    {
        var wasUp = false;
        try
        {
            await using var link = await ReachAsync();
            var identity = await OpenAsync(link);
            wasUp = true;
            await RunAsync(new NodeLinkSession(_options, link, _time), identity);
        }
        catch (LinkRefusedException refused)
        {
            // Worth a line of its own after the loss of the link: it does not pass by itself.
            if (_refusalLogged != refused.Cause) Log.RefusedByNode(_logger, Node, refused.Cause);
            _refusalLogged = refused.Cause;
            _downLogged = true;
        }
        catch (Exception error) when (NodeLinkSession.IsLinkFailure(error))
        {
            if (!_downLogged && !_closing.IsCancellationRequested) Log.Down(_logger, Node, error.Message);
            _downLogged = true;
        }

        return wasUp;
    }

    private async Task<IFrameTransport> ReachAsync()
    {
        using var timeout = new CancellationTokenSource(_options.ConnectTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _closing.Token);
        return await _options.Connector.ConnectAsync(_options, either.Token);
    }

    private async Task<NodeIdentity> OpenAsync(IFrameTransport link)
    {
        using var timeout = new CancellationTokenSource(_options.ConnectTimeout, _time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, _closing.Token);
        return await LinkHandshake.ConnectAsync(link, _options.Trust, Node, _options.Volume, either.Token);
    }

    private async Task RunAsync(NodeLinkSession session, NodeIdentity identity)
    {
        (_downLogged, _refusalLogged) = (false, null);
        Log.Up(_logger, Node, identity.Incarnation);
        _session = session;
        try
        {
            _events.LinkUp(this, identity);
            await session.RunAsync(reply => _events.JournalReplied(this, reply), _closing.Token);
        }
        finally
        {
            _session = null;
            session.AbandonAll();
            _events.LinkDown(this);
        }
    }

    private async Task DelayAsync(TimeSpan backoff)
    {
        try
        {
            await Task.Delay(backoff, _time, _closing.Token);
        }
        catch (OperationCanceledException)
        {
            // Closing; the loop ends.
        }
    }
}
