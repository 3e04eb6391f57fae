using Gateway.Protocol.Wire;
using Gateway.Sockets;
using Gateway.Telemetry;
using Microsoft.Extensions.Logging;

namespace Gateway.Nfs.Rpc;

/// <summary>What all connections of one RPC server share.</summary>
internal sealed class RpcServerState(
    RpcPrograms programs, RpcLimits limits, TransferMemory memory, GatewayMetrics metrics, TimeProvider time, ILogger logger)
{
    public RpcPrograms Programs { get; } = programs;

    public RpcLimits Limits { get; } = limits;

    public GatewayMetrics Metrics { get; } = metrics;

    public TimeProvider Time { get; } = time;

    public RpcContextPool Contexts { get; } = new();

    /// <summary>Shared with other protocols.</summary>
    public TransferMemory Memory { get; } = memory;

    public TransferBudget RequestBudget => Memory.Requests;

    public TransferBudget ReplyBudget => Memory.Replies;

    /// <summary>Bytes one connection may hold now.</summary>
    public long ConnectionShareBytes => Memory.ShareBytes(Limits.ConnectionBytesMax);

    /// <summary>How long a connection may keep what it holds without progress: less when others wait for it.</summary>
    public TimeSpan StallMax => Memory.IsWanted ? Limits.StallWantedMax : Limits.StallMax;

    /// <summary>Gives back what the call has reserved, and its memory.</summary>
    public void Discard(RpcContext call)
    {
        if (call.RequestCharge > 0) RequestBudget.Return(call.RequestCharge);
        if (call.ReplyCharge > 0) ReplyBudget.Return(call.ReplyCharge);
        Contexts.Return(call);
    }

    public bool IsOver(long since, long now, TimeSpan limit) =>
        since != 0 && Time.GetElapsedTime(since, now) > limit;

    public void ReportOpened(RpcPeer peer)
    {
        Metrics.RpcConnectionOpened();
        logger.RpcConnectionOpened(peer.Id, peer.Address, peer.Port);
    }

    public void ReportEnded(RpcPeer peer)
    {
        Metrics.RpcConnectionClosed();
        logger.RpcConnectionEnded(peer.Id);
    }

    public void ReportViolation(RpcPeer peer, string reason)
    {
        Metrics.RpcViolation();
        logger.RpcViolation(peer.Id, peer.Address, reason);
    }

    public void ReportStall(RpcPeer peer, string reason) =>
        logger.RpcConnectionStalled(peer.Id, peer.Address, reason);

    public void ReportFailure(RpcContext call, Exception error) =>
        logger.RpcCallFailed(error, call.Program, call.Version, call.Procedure);

    public void ReportEnd(RpcContext call, RpcAcceptStatus status)
    {
        if (status != RpcAcceptStatus.Success) call.Counters?.CountFailure(call.Procedure);
        if (call.StartedTimestamp == 0) return;

        Metrics.RpcDuration.Record(
            Time.GetElapsedTime(call.StartedTimestamp).TotalSeconds,
            new KeyValuePair<string, object?>("rpc.program", call.Counters?.Program));
    }
}
