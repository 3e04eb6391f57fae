using System.Diagnostics.CodeAnalysis;
using Gateway.FileSystem;
using Gateway.FileSystem.Security;
using Gateway.Replication.Links;
using Gateway.Smb.Authentication;
using Gateway.Smb.Opens;
using Gateway.Smb.Sessions;
using Gateway.Smb.Trees;
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

    public SmbCommands Commands { get; } = new();

    public GatewayMetrics Metrics { get; } = metrics;

    public TimeProvider Time { get; } = time;

    public ILogger Logger { get; } = logger;

    public SmbRequestPool Requests { get; } = new();

    public ByteBudget RequestBudget { get; } = new(options.Limits.RequestBytesMax);

    /// <summary>
    /// Apart from the requests' budget: a message holds its request while it waits for room for its response, and the
    /// holders of response room end.
    /// </summary>
    public ByteBudget ResponseBudget { get; } = new(options.Limits.ResponseBytesMax);

    /// <summary>
    /// Bytes one connection may hold now: its own limit, and no more than what all others together still find free.
    /// </summary>
    public long ConnectionShareBytes => Math.Min(
        Limits.ConnectionBytesMax,
        Math.Min(RequestBudget.BytesMax - RequestBudget.Taken, ResponseBudget.BytesMax - ResponseBudget.Taken));

    /// <summary>Gives back what the request has reserved, and its memory.</summary>
    public void Discard(SmbRequest request)
    {
        if (request.RequestCharge > 0) RequestBudget.Give(request.RequestCharge);
        if (request.ResponseCharge > 0) ResponseBudget.Give(request.ResponseCharge);
        Requests.Return(request);
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

        Sessions.Remove(session);
        foreach (var channel in session.ClearChannels()) channel.Connection.Leave(session);
        await Opens.EndAsync(session, keepsDurable);
        foreach (var tree in session.Trees.Clear()) tree.Disconnect();
    }
}
