using Gateway.FileSystem.Security;
using Gateway.Protocol.Srvsvc;
using Gateway.Smb.Sessions;
using Gateway.Smb.Trees;

namespace Gateway.Smb.Pipes;

/// <summary>What the pipes tell of a running server.</summary>
internal sealed class SmbServerDirectory(SmbServer server) : IServerDirectory
{
    public string ServerName => server.Options.ServerName;

    public string Comment => "Nasgate";

    /// <summary>Member of no domain; this is what Windows calls the place by default.</summary>
    public string Workgroup => "WORKGROUP";

    public SidMap Sids => server.Sids;

    public TimeProvider Time => server.Time;

    public bool AllowsAnonymousList => server.Options.AllowsAnonymousList;

    public IReadOnlyList<ShareEntry> ListShares() => [.. server.Shares.All.Select(Describe)];

    public IReadOnlyList<SessionEntry> ListSessions() =>
    [
        .. server.Sessions.All
            .Where(session => session.State == SmbSessionState.Valid && !session.IsAnonymous)
            .Select(Describe),
    ];

    public async ValueTask<IReadOnlyList<LocalAccount>> ListAccountsAsync(CancellationToken cancellation)
    {
        var users = await server.Authenticator.Users.ListAsync(cancellation);
        return [.. users.Select(user => new LocalAccount(user.Name, user.Uid))];
    }

    private static ShareEntry Describe(Share share)
    {
        var kind = share.Type == ShareType.Pipe ? ShareKind.Pipe : ShareKind.Disk;
        return new ShareEntry
        {
            Name = share.Name,
            Kind = share.Name.EndsWith('$') ? kind | ShareKind.Special : kind,
            IsListed = share.IsListed || share.Type == ShareType.Pipe,
            Remark = share.Comment,

            // Where the files are is nobody's business; that they are on a drive is what programs expect.
            Path = share.Type == ShareType.Pipe ? "" : "C:\\" + share.Name,
            Options = (share.EncryptData ? ShareOptions.EncryptData : ShareOptions.None)
                | (share.IsAccessBased ? ShareOptions.AccessBasedEnumeration : ShareOptions.None),
        };
    }

    private SessionEntry Describe(SmbSession session) => new()
    {
        ClientName = session.ClientAddress.ToString(),
        UserName = session.UserName,
        ActiveSeconds = (uint)Math.Min(Time.GetElapsedTime(session.BeganTimestamp).TotalSeconds, uint.MaxValue),
    };
}
