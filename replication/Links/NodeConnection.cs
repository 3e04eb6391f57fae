using Gateway.Replication.Checksums;
using Gateway.Replication.Quorum;
using Gateway.Replication.Wire;

namespace Gateway.Replication.Links;

/// <summary>One open link at the node: reads requests, runs them side by side, sends replies as they finish.</summary>
/// <remarks>
/// Threading: one reader; requests complete on any thread and post their replies to the outbox. At most
/// <see cref="RequestsInFlightMax"/> requests and <see cref="NodeDispatch.PayloadBytesInFlightMax"/> bytes of slices
/// are under way;
/// beyond that the link is not read, and the owner's bounds take over.
/// </remarks>
internal sealed class NodeConnection : IJournalReplies, IAsyncDisposable
{
    public const int RequestsInFlightMax = 256;

    /// <summary>Heads of replies that wait for the peer; a peer that does not read loses its link.</summary>
    public const int ReplyBytesMax = 64 << 20;

    private readonly IFrameInput _input;
    private readonly NodeDispatch _dispatch;
    private readonly IFrameOutput _output;
    private readonly SemaphoreSlim _requests = new(RequestsInFlightMax);
    private readonly CancellationTokenSource _closing = new();
    private Exception? _failure;

    public NodeConnection(INodeRequests node, IFrameTransport link)
    {
        (_input, _output) = (link.Input, link.Output);
        _dispatch = new NodeDispatch(node, this, _input);
    }

    public async Task RunAsync(CancellationToken connectionClosed)
    {
        await using var registration = connectionClosed.UnsafeRegister(
            static state => ((NodeConnection)state!)._closing.Cancel(), this);
        var writing = WriteAsync();
        try
        {
            while (await _input.ReadHeadAsync(_closing.Token)) await _dispatch.BeginAsync(_closing.Token);
        }
        catch (OperationCanceledException) when (_failure is not null)
        {
            throw new IOException(_failure.Message, _failure);
        }
        finally
        {
            // Requests under way hold buffers: they end before the link's memory goes.
            await _closing.CancelAsync();
            for (var at = 0; at < RequestsInFlightMax; at++) await _requests.WaitAsync(CancellationToken.None);
            _output.Close();
            await writing;
        }
    }

    public void Reply(ulong requestId, NodeReply reply) =>
        Post(FrameKind.Journal, requestId, new JournalReplyFrame(reply));

    /// <summary>Queues the journal request whose head the reader stands at.</summary>
    public void PostJournal(INodeRequests node)
    {
        // A full queue drops the request: the owner sends it again, and nothing waits behind it.
        var frame = WireMessages.Decode<JournalRequestFrame>(_input.Head);
        node.TryPostJournal(frame.Request, _input.Header.RequestId, this);
    }

    /// <summary>Posts a reply; a peer that does not read its replies loses the link.</summary>
    public void Post<TReply>(
        FrameKind kind, ulong id, in TReply reply, LentPayload payload = default)
        where TReply : IWireMessage<TReply>
    {
        var crc = _output.CarriesPayloadChecksums ? Crc32C.Compute(payload.Bytes.Span) : 0;
        if (_output.TryPost(FrameKinds.ToReply(kind), id, reply, payload, crc)) return;
        payload.Release();
        _output.Fail("the peer does not read its replies");
    }

    /// <summary>Waits for a place among the requests under way; <see cref="Observe"/> gives it back.</summary>
    public Task EnterAsync(CancellationToken cancellation) => _requests.WaitAsync(cancellation);

    /// <summary>Follows a request that runs beside the reader to its end.</summary>
    public void Observe(Task request) => _ = ObserveAsync(request);

    public ValueTask DisposeAsync()
    {
        _closing.Dispose();
        _requests.Dispose();
        return ValueTask.CompletedTask;
    }

    private async Task WriteAsync()
    {
        try
        {
            await _output.RunAsync(_closing.Token);
        }
        catch (Exception error) when (error is IOException or OperationCanceledException or InvalidOperationException)
        {
            await FailAsync(error);
        }
    }

    private async Task FailAsync(Exception error)
    {
        Interlocked.CompareExchange(ref _failure, error, null);
        await _closing.CancelAsync();
    }

    // Runs a request to its end beside the reader; the semaphore counts it, and the link waits for all of them.
    private async Task ObserveAsync(Task request)
    {
        try
        {
            await request;
        }
        catch (Exception error)
        {
            await FailAsync(error);
        }
        finally
        {
            _requests.Release();
        }
    }
}
