using Gateway.FileSystem.Security;
using Gateway.Smb.Sessions;

namespace Gateway.Smb.Pipes;

/// <summary>Who calls through a pipe.</summary>
internal sealed record PipeCaller(string UserName, SecurityToken Token)
{
    public bool IsAnonymous => Token.IsAnonymous;

    public bool IsAdministrator => Token.IsAdministrator;

    public static PipeCaller Of(SmbSession session) => new(session.UserName, session.Token);
}
