using Gateway.Protocol.Smb2;
using Gateway.Smb.Connections;
using Gateway.Smb.Sessions;

namespace Gateway.Smb.Opens;

/// <summary>
/// A break that the client must answer, on its way: sent on one connection after the other until one takes it (MS-SMB2
/// 3.3.4.6, 3.3.4.7). A connection whose peer is silent for a while after that is taken for dead, as the client may have
/// another one that works, and others wait for it otherwise until the break itself is given up.
/// </summary>
/// <remarks>Threading: one call at a time: the first is of who breaks, further ones of the timer that it starts.</remarks>
internal sealed class BreakDelivery
{
    private readonly SmbServer _server;
    private readonly Func<IEnumerable<(SmbSession Session, SmbConnection Connection)>> _ways;
    private readonly byte[] _body;
    private readonly Func<bool> _isAwaited;
    private readonly Action _giveUp;
    private readonly List<SmbConnection> _tried = [];
    private ITimer? _timer;
    private long _sent;

    /// <param name="server">Whose clock it is.</param>
    /// <param name="ways">Connections to the client, in the order in which they are tried.</param>
    /// <param name="body">Of the OPLOCK_BREAK notification.</param>
    /// <param name="isAwaited">The client has not answered yet.</param>
    /// <param name="giveUp">
    /// Called when no connection is left and the ends of those that were tried have closed nothing that the break is about: a
    /// client that cannot be told has lost its cache with them.
    /// </param>
    public BreakDelivery(
        SmbServer server,
        Func<IEnumerable<(SmbSession Session, SmbConnection Connection)>> ways,
        byte[] body,
        Func<bool> isAwaited,
        Action giveUp)
    {
        (_server, _ways, _body, _isAwaited, _giveUp) = (server, ways, body, isAwaited, giveUp);
    }

    /// <summary>Sends it on the next connection.</summary>
    public void Send()
    {
        foreach (var (session, connection) in _ways())
        {
            if (_tried.Contains(connection)) continue;

            _tried.Add(connection);
            if (!connection.TryNotify(session, Smb2Command.OplockBreak, _body)) continue;

            if (_isAwaited()) Watch();
            return;
        }

        _ = GiveUpAsync();
    }

    // The open ends with the last connection: whoever waits for it shall find it closed, not without its oplock.
    private async Task GiveUpAsync()
    {
        foreach (var connection in _tried) await connection.Ended;
        if (_isAwaited()) _giveUp();
    }

    private void Watch()
    {
        _sent = _server.Time.GetTimestamp();
        _timer?.Dispose();
        _timer = _server.Time.CreateTimer(
            static delivery => ((BreakDelivery)delivery!).Check(), this, _server.Limits.SilenceMax, Timeout.InfiniteTimeSpan);
    }

    private void Check()
    {
        _timer?.Dispose();
        _timer = null;
        var connection = _tried[^1];
        if (!_isAwaited() || (connection.IsAlive && !connection.IsSilentSince(_sent))) return;

        connection.Lose();
        if (_isAwaited()) Send();
    }
}
