using Gateway.Replication.Wire;

namespace Gateway.Replication.Links;

/// <summary>
/// A node in the owner's process: the same protocol as over a socket, but frames are handed over in memory and
/// payloads by reference.
/// </summary>
/// <remarks>Threading: any. Disposing it ends all links and completes when their requests have ended.</remarks>
public sealed class LocalNode(NodeConnectionHandler handler) : INodeConnector, IAsyncDisposable
{
    /// <summary>Links open at once; further ones are refused.</summary>
    private const int LinksMax = 256;

    private readonly Lock _gate = new();
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource _ended = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private int _links;
    private bool _closed;

    public string Address => "in process";

    public ValueTask<IFrameTransport> ConnectAsync(NodeLinkOptions link, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        lock (_gate)
        {
            if (_closed || _links == LinksMax) throw new IOException("the node takes no link");
            _links++;
        }

        var requests = new FramePipe(link.OutboxBytesMax);
        var replies = new FramePipe(NodeConnection.ReplyBytesMax);
        _ = ServeAsync(new PipeTransport(requests, replies));
        return new(new PipeTransport(replies, requests));
    }

    public async ValueTask DisposeAsync()
    {
        lock (_gate)
        {
            if (_closed) return;
            _closed = true;
            if (_links == 0) _ended.TrySetResult();
        }

        await _closing.CancelAsync();
        await _ended.Task;
        _closing.Dispose();
    }

    private async Task ServeAsync(PipeTransport link)
    {
        await using (link) await handler.ServeAsync(link, null, _closing.Token);
        lock (_gate)
        {
            if (--_links == 0 && _closed) _ended.TrySetResult();
        }
    }
}
