namespace Gateway.FileSystem.Security;

/// <summary>Who a session is to access checks (MS-DTYP 2.5.2). Made once per session; immutable.</summary>
public sealed class SecurityToken
{
    private readonly HashSet<Sid> _all;

    public SecurityToken(Caller caller, SidMap sids, bool isAnonymous = false)
    {
        Caller = caller;
        Sids = sids;
        IsAnonymous = isAnonymous;
        User = isAnonymous ? WellKnownSids.Anonymous : sids.OfUser(caller.Uid);
        PrimaryGroup = sids.OfGroup(caller.Gid);
        List<Sid> groups = [PrimaryGroup, WellKnownSids.Everyone, WellKnownSids.Network];
        if (!isAnonymous)
        {
            groups.AddRange([WellKnownSids.AuthenticatedUsers, WellKnownSids.Users]);
            foreach (var gid in caller.Groups.Span) groups.Add(sids.OfGroup(gid));
        }

        if (IsAdministrator) groups.Add(WellKnownSids.Administrators);
        Groups = groups;
        _all = [User, .. groups];
    }

    public Caller Caller { get; }

    /// <summary>How the volume's users and groups are named.</summary>
    public SidMap Sids { get; }

    public Sid User { get; }

    public Sid PrimaryGroup { get; }

    /// <summary>The user's groups and those that everybody is in.</summary>
    public IReadOnlyList<Sid> Groups { get; }

    public bool IsAnonymous { get; }

    /// <summary>User 0: may take ownership, read and write every security descriptor, and do everything else.</summary>
    public bool IsAdministrator => Caller.IsRoot && !IsAnonymous;

    /// <summary>Whether the token is that user or in that group.</summary>
    public bool Contains(Sid sid) => _all.Contains(sid);
}
