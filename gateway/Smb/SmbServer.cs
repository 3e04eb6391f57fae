using System.Diagnostics.CodeAnalysis;
using Gateway.FileSystem;
using Gateway.FileSystem.Security;
using Gateway.Smb.Authentication;
using Gateway.Smb.Opens;
using Gateway.Smb.Sessions;
using Gateway.Smb.Trees;
using Gateway.Sockets;
using Gateway.Telemetry;
using Gateway.Users;
using Microsoft.Extensions.Logging;

namespace Gateway.Smb;

/// <summary>What all connections of the SMB server share (MS-SMB2 3.3.1.5).</summary>
[SuppressMessage("Maintainability", "CA1506", Justification = "The global objects of MS-SMB2 3.3.1.5 meet here.")]
internal sealed partial class SmbServer(
    SmbServerOptions options,
    ShareTable shares,
    Authenticator authenticator,
    SidMap sids,
    TransferMemory memory,
    GatewayMetrics metrics,
    TimeProvider time,
    ILogger logger)
{
    public SmbServerOptions Options { get; } = options;

    public SmbLimits Limits => Options.Limits;

    public ShareTable Shares { get; } = shares;

    public Authenticator Authenticator { get; } = authenticator;

    /// <summary>How users and groups are named to clients.</summary>
    public SidMap Sids { get; } = sids;

    public SessionTable Sessions { get; } = new();

    public SmbOpenTable Opens { get; } = new(time, options.Limits);

    public SmbCommands Commands { get; } = new(options.OffersTestControls);

    public GatewayMetrics Metrics { get; } = metrics;

    public TimeProvider Time { get; } = time;

    public ILogger Logger { get; } = logger;

    public SmbRequestPool Requests { get; } = new();

    /// <summary>Shared with other protocols.</summary>
    public TransferMemory Memory { get; } = memory;

    /// <summary>What requests hold that are answered with STATUS_PENDING.</summary>
    public TransferBudget PendingBudget { get; } = new(options.Limits.PendingBytesMax);

    /// <summary>Bytes one connection may hold now.</summary>
    public long ConnectionShareBytes => Memory.ShareBytes(Limits.ConnectionBytesMax);

    /// <summary>How long a connection may keep what it holds without progress: less when others wait for it.</summary>
    public TimeSpan StallMax => Memory.IsWanted ? Limits.StallWantedMax : Limits.StallMax;

    /// <summary>
    /// Reserves the room of a request that is going to wait, who knows how long, and gives back that of transfers; false
    /// when there is none left.
    /// </summary>
    public bool TryHoldPending(SmbRequest request)
    {
        var bytes = request.HoldsLargeBuffers ? request.RequestCharge + request.ResponseCharge : SmbLimits.MessageOverheadBytes;
        if (!PendingBudget.TryTake(bytes)) return false;

        ReturnTransferRoom(request);
        request.PendingCharge = bytes;
        return true;
    }

    /// <summary>Gives back what the request has reserved, and its memory.</summary>
    public void Discard(SmbRequest request)
    {
        if (request.PendingCharge > 0)
            PendingBudget.Return(request.PendingCharge);
        else
            ReturnTransferRoom(request);
        Requests.Return(request);
    }

    private void ReturnTransferRoom(SmbRequest request)
    {
        if (request.RequestCharge > 0) Memory.Requests.Return(request.RequestCharge);
        if (request.ResponseCharge > 0) Memory.Replies.Return(request.ResponseCharge);
    }

    /// <summary>Who the user is to access checks.</summary>
    public SecurityToken TokenOf(AuthenticatedUser user) =>
        new(new Caller(user.Uid, user.Gid, user.Groups.ToArray()), Sids, user.IsAnonymous);

    /// <summary>
    /// Ends a session, once: nothing is let in any more, its trees are disconnected and its opens closed, or kept for their
    /// client to come back to (MS-SMB2 3.3.5.6, 3.3.7.1).
    /// </summary>
    public async ValueTask EndSessionAsync(SmbSession session, bool keepsDurable)
    {
        if (!session.TryEnd()) return;

        Sessions.BeginEnd(session);
        try
        {
            foreach (var channel in session.ClearChannels()) channel.Connection.Leave(session);
            await Opens.EndAsync(session, keepsDurable);
            foreach (var tree in session.Trees.Clear()) tree.Disconnect();
        }
        finally
        {
            Sessions.CompleteEnd(session);
            session.CompleteEnd();
        }
    }

    /// <summary>
    /// A client has lost a session and says so before the server has noticed, or is done with its end: its opens must not
    /// stand in the way of the new session, and the durable ones must be there to be taken up (MS-SMB2 3.3.5.5.3).
    /// </summary>
    public async ValueTask EndPreviousAsync(ulong id, SmbSession successor)
    {
        if (id == 0 || id == successor.Id || successor.IsAnonymous) return;
        if (!Sessions.TryGetEvenEnding(id, out var previous)
            || previous.State == SmbSessionState.InProgress
            || !previous.IsOfUser(successor.User))
        {
            return;
        }

        await EndSessionAsync(previous, keepsDurable: true);
        await previous.Ended;
    }
}
