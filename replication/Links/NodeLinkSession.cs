using System.Net.Sockets;
using Gateway.Replication.Quorum;
using Gateway.Replication.Wire;

namespace Gateway.Replication.Links;

/// <summary>One open connection of a <see cref="NodeLink"/>, from the end of its handshake to its loss.</summary>
internal sealed class NodeLinkSession(NodeLinkOptions options, IFrameTransport link, TimeProvider time)
{
    private readonly IFrameInput _input = link.Input;
    private readonly IFrameOutput _output = link.Output;
    private readonly Lock _gate = new();
    private readonly Dictionary<ulong, PendingRequest> _pending = [];
    private ulong _lastRequestId;
    private bool _abandoned;

    public static bool IsLinkFailure(Exception error) => error is IOException or SocketException
        or OperationCanceledException or WireViolationException or ObjectDisposedException;

    public bool TryPostJournal(NodeRequest request) =>
        _output.TryPost(FrameKind.Journal, 0, new JournalRequestFrame(request));

    public ValueTask<LinkAnswer<TReply>> RequestAsync<TRequest, TReply>(
        FrameKind kind, TRequest request, int payloadBytes, CancellationToken cancellation)
        where TRequest : IWireMessage<TRequest>
        where TReply : IWireMessage<TReply>
    {
        var pending = new PendingRequest<TReply>(payloadBytes, time.GetTimestamp());
        return TryPost(kind, request, pending, default, 0) ? pending.WaitAsync(cancellation) : default;
    }

    public ValueTask<LinkAnswer<WriteSliceReply>> WriteSliceAsync(
        WriteSliceRequest request, LentPayload payload, CancellationToken cancellation)
    {
        var pending = new PendingRequest<WriteSliceReply>(0, time.GetTimestamp());
        if (TryPost(FrameKind.WriteSlice, request, pending, payload, request.Slice.Crc32C))
            return pending.WaitAsync(cancellation);

        payload.Release();
        return default;
    }

    /// <summary>Reads and writes until the connection is lost, which it always reports by an exception.</summary>
    public async Task RunAsync(Action<NodeReply> journalReplied, CancellationToken closing)
    {
        using var connection = CancellationTokenSource.CreateLinkedTokenSource(closing);
        var writing = RunAndCancelAsync(_output.RunAsync(connection.Token), connection);
        var watching = RunAndCancelAsync(WatchAsync(connection.Token), connection);
        try
        {
            await ReadAsync(journalReplied, connection.Token);
            throw new EndOfStreamException("the node closed the connection");
        }
        finally
        {
            await connection.CancelAsync();
            await Task.WhenAll(writing, watching);
        }
    }

    /// <summary>Completes all requests under way unanswered, and every later one.</summary>
    public void AbandonAll()
    {
        PendingRequest[] abandoned;
        lock (_gate)
        {
            _abandoned = true;
            abandoned = [.. _pending.Values];
            _pending.Clear();
        }

        foreach (var pending in abandoned) pending.Abandon();
    }

    private bool TryPost<TRequest>(
        FrameKind kind,
        in TRequest request,
        PendingRequest pending,
        LentPayload payload,
        uint payloadCrc)
        where TRequest : IWireMessage<TRequest>
    {
        ulong id;
        lock (_gate)
        {
            if (_abandoned || _pending.Count >= options.RequestsMax) return false;
            id = ++_lastRequestId;
            _pending.Add(id, pending);
        }

        if (_output.TryPost(kind, id, request, payload, payloadCrc)) return true;
        lock (_gate) _pending.Remove(id);
        return false;
    }

    private async Task ReadAsync(Action<NodeReply> journalReplied, CancellationToken cancellation)
    {
        while (await _input.ReadHeadAsync(cancellation))
        {
            var header = _input.Header;
            if (!FrameKinds.IsReply(header.Kind)) throw new WireViolationException($"a request {header.Kind}");
            if (header.RequestId == 0 && FrameKinds.ToRequest(header.Kind) == FrameKind.Journal)
            {
                journalReplied(WireMessages.Decode<JournalReplyFrame>(_input.Head).Reply);
                continue;
            }

            PendingRequest? pending;
            lock (_gate) _pending.Remove(header.RequestId, out pending);
            if (pending is null) throw new WireViolationException($"a reply to no request, {header.RequestId}");
            await pending.ReceiveAsync(_input, cancellation);
        }
    }

    // A node that hangs keeps its connection open: only an old request tells.
    private async Task WatchAsync(CancellationToken cancellation)
    {
        using var timer = new PeriodicTimer(options.RequestTimeout / 4, time);
        while (await timer.WaitForNextTickAsync(cancellation))
        {
            var oldest = long.MaxValue;
            lock (_gate)
            {
                foreach (var pending in _pending.Values) oldest = Math.Min(oldest, pending.SentAt);
            }

            if (oldest != long.MaxValue && time.GetElapsedTime(oldest) > options.RequestTimeout)
                throw new IOException("a request was not answered in time");
        }
    }

    // A broken pipe or a stalled peer must end the reader too, which might wait for ever.
    private static async Task RunAndCancelAsync(Task task, CancellationTokenSource connection)
    {
        try
        {
            await task;
        }
        catch (Exception error) when (IsLinkFailure(error))
        {
            await connection.CancelAsync();
        }
    }
}
