using Gateway.FileSystem;
using Gateway.FileSystem.Security;

namespace Gateway.Users;

/// <summary>Who has logged on.</summary>
internal sealed record AuthenticatedUser
{
    /// <summary>Nobody's ids, over NFS too.</summary>
    private const uint Nobody = 65534;

    /// <summary>Who gave no name. Whether that is enough, and for what, is not decided here.</summary>
    public static readonly AuthenticatedUser Anonymous = new()
    {
        Name = "",
        Uid = Nobody,
        Gid = Nobody,
        Groups = [],
        IsAnonymous = true,
    };

    /// <summary>As it was given to the user, not as the client wrote it.</summary>
    public required string Name { get; init; }

    public required uint Uid { get; init; }

    public required uint Gid { get; init; }

    public required IReadOnlyList<uint> Groups { get; init; }

    public bool IsAnonymous { get; init; }

    /// <summary>What the password was stored as when the user proved to know it; tells whether it has been changed since.</summary>
    public ReadOnlyMemory<byte> Secret { get; init; }

    public static AuthenticatedUser Of(UserRecord user) =>
        new() { Name = user.Name, Uid = user.Uid, Gid = user.Gid, Groups = user.Groups, Secret = user.Secret };

    /// <summary>Who the user is to the access checks of a volume. Uid 0 is its administrator.</summary>
    public SecurityToken ToToken(SidMap sids) => new(new Caller(Uid, Gid, Groups.ToArray()), sids, IsAnonymous);
}
