using Gateway.Sockets;
using Microsoft.AspNetCore.Connections;

namespace Gateway.Nfs.Rpc;

/// <summary>The calls of one connection from their start until their reply has left.</summary>
internal sealed class RpcReplies(RpcServerState server, ConnectionContext connection, Action abort)
    : AnswerQueue<RpcContext>(connection, abort, server.Time)
{
    /// <summary>Counts the call in; it must be answered or forgotten exactly once.</summary>
    public void Admit(RpcContext call) => Admit(call.RequestCharge + call.ReplyCharge);

    /// <summary>Sends the sealed reply of the call, now or together with others.</summary>
    public void Answer(RpcContext call) => Send(call);

    /// <summary>Ends a call that gets no reply.</summary>
    public void Forget(RpcContext call) => Release(End(call));

    protected override ArraySegment<byte> BytesOf(in RpcContext answer) => answer.Output.Record;

    protected override bool Allows(int requests, long bytes) =>
        requests <= server.Limits.ConnectionRequestsMax && bytes <= server.ConnectionShareBytes;

    protected override EndedRequests End(in RpcContext answer)
    {
        var ended = new EndedRequests(1, 0, answer.RequestCharge + answer.ReplyCharge);
        server.Discard(answer);
        return ended;
    }

    protected override void NoteSent(long bytes) => server.Metrics.RpcSent(bytes);
}
