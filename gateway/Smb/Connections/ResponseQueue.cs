using Gateway.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Gateway.Smb.Connections;

/// <summary>The requests of one connection from their start until their response has left.</summary>
internal sealed class ResponseQueue(SmbServer server, ConnectionContext connection, Action abort)
    : AnswerQueue<OutgoingFrame>(connection, abort, server.Time)
{
    /// <summary>Counts the request in; it must be answered or forgotten exactly once.</summary>
    public void Admit(SmbRequest request) => Admit(request.RequestCharge + request.ResponseCharge);

    /// <summary>The request is going to be answered with STATUS_PENDING; it must have its room for that. Once for each.</summary>
    public void Suspend(SmbRequest request) => Suspend(request.RequestCharge + request.ResponseCharge);

    /// <summary>Sends the response that ends the request.</summary>
    public void Answer(SmbRequest request, ArraySegment<byte> response)
    {
        // Taken before the request is given back, which may be at once.
        var answered = request.TakeAnswered();
        Send(new OutgoingFrame(response, request, null));
        answered?.Invoke();
    }

    /// <summary>Ends a request that gets no response.</summary>
    public void Forget(SmbRequest request)
    {
        var answered = request.TakeAnswered();
        Release(End(request));
        answered?.Invoke();
    }

    protected override ArraySegment<byte> BytesOf(in OutgoingFrame answer) => answer.Bytes;

    protected override bool Allows(int requests, long bytes) =>
        requests <= server.Limits.ConnectionMessagesMax && bytes <= server.ConnectionShareBytes;

    protected override EndedRequests End(in OutgoingFrame answer)
    {
        if (answer.Rented is not null) TransferBuffers.Shared.Return(answer.Rented);
        if (answer.Request is not { } request) return default;

        var closes = request.ClosesConnection;
        var ended = End(request);
        if (closes) AbortConnection();
        return ended;
    }

    protected override void NoteSent(long bytes) => server.Metrics.SmbSent(bytes);

    private EndedRequests End(SmbRequest request)
    {
        var ended = request.PendingCharge > 0
            ? new EndedRequests(1, 1, 0)
            : new EndedRequests(1, 0, request.RequestCharge + request.ResponseCharge);
        server.Discard(request);
        return ended;
    }
}
