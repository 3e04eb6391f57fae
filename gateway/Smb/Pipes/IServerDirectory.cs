using Gateway.FileSystem.Security;
using Gateway.Protocol.Srvsvc;

namespace Gateway.Smb.Pipes;

/// <summary>What the pipes tell of the server: so that they need not know it, and can be tested without one.</summary>
internal interface IServerDirectory
{
    /// <summary>NetBIOS style; also the name of the domain its accounts are in.</summary>
    string ServerName { get; }

    string Comment { get; }

    string Workgroup { get; }

    SidMap Sids { get; }

    TimeProvider Time { get; }

    /// <summary>Who has no name may list the shares.</summary>
    bool AllowsAnonymousList { get; }

    /// <summary>All shares, those in it that are not shown to users by their kind.</summary>
    IReadOnlyList<ShareEntry> ListShares();

    IReadOnlyList<SessionEntry> ListSessions();

    /// <summary>The users and their uids.</summary>
    ValueTask<IReadOnlyList<LocalAccount>> ListAccountsAsync(CancellationToken cancellation);
}

/// <summary>A user of the server.</summary>
internal readonly record struct LocalAccount(string Name, uint Uid);
