using Gateway.Smb.Sessions;
using Gateway.Telemetry;
using Gateway.Users;

namespace Gateway.Smb;

// What changes of the users mean to those who have logged on.
internal sealed partial class SmbServer
{
    /// <summary>Whether the user may still be in: nobody has disabled or removed it or changed its password since it logged on.</summary>
    public bool IsCurrent(AuthenticatedUser user) => Authenticator.IsCurrent(user);

    /// <summary>Ends the sessions of a user who may not log on as it did. Nothing is let in when it returns.</summary>
    public void EndSessionsOf(UserRecord user)
    {
        var revoked = AuthenticatedUser.Of(user);
        var sessions = Sessions.All.Where(session => session.State == SmbSessionState.Valid && session.IsOfUser(revoked)).ToList();
        if (sessions.Count == 0) return;

        Logger.SessionsRevoked(user.Name, sessions.Count);
        foreach (var session in sessions) _ = EndRevokedAsync(session);
    }

    // Closing what is open may take its time; nobody waits for it.
    private async Task EndRevokedAsync(SmbSession session)
    {
        try
        {
            await EndSessionAsync(session, keepsDurable: false);
        }
        catch (Exception error)
        {
            Logger.SessionEndFailed(error, session.UserName);
        }
    }
}
