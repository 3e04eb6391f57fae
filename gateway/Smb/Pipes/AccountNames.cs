using System.Globalization;
using Gateway.FileSystem.Security;
using Gateway.Protocol.Lsarpc;

namespace Gateway.Smb.Pipes;

/// <summary>What SIDs are called and whom names mean: the users, every other uid and gid by its number, and who is well known.</summary>
/// <remarks>Made for one call from the accounts of that moment. Immutable.</remarks>
internal sealed class AccountNames(string domain, SidMap sids, IReadOnlyList<LocalAccount> accounts)
{
    private const string UserPrefix = "user-";
    private const string GroupPrefix = "group-";

    private static readonly NamedSid[] WellKnown =
    [
        new("", WellKnownSids.Everyone, "Everyone", SidNameUse.WellKnownGroup),
        new("", WellKnownSids.CreatorOwner, "CREATOR OWNER", SidNameUse.WellKnownGroup),
        new("", WellKnownSids.CreatorGroup, "CREATOR GROUP", SidNameUse.WellKnownGroup),
        new("", WellKnownSids.OwnerRights, "OWNER RIGHTS", SidNameUse.WellKnownGroup),
        new("NT AUTHORITY", WellKnownSids.Network, "NETWORK", SidNameUse.WellKnownGroup),
        new("NT AUTHORITY", WellKnownSids.Interactive, "INTERACTIVE", SidNameUse.WellKnownGroup),
        new("NT AUTHORITY", WellKnownSids.Anonymous, "ANONYMOUS LOGON", SidNameUse.WellKnownGroup),
        new("NT AUTHORITY", WellKnownSids.AuthenticatedUsers, "Authenticated Users", SidNameUse.WellKnownGroup),
        new("NT AUTHORITY", WellKnownSids.LocalSystem, "SYSTEM", SidNameUse.WellKnownGroup),
        new("BUILTIN", WellKnownSids.Administrators, "Administrators", SidNameUse.Alias),
        new("BUILTIN", WellKnownSids.Users, "Users", SidNameUse.Alias),
        new("BUILTIN", WellKnownSids.Guests, "Guests", SidNameUse.Alias),
    ];

    /// <summary>Groups that Linux has everywhere; 100 is whose everything is unless somebody says otherwise (ADR 11).</summary>
    private static readonly (string Name, uint Gid)[] Groups = [("root-group", 0), ("users-group", 100)];

    /// <summary>Null when nobody here has the SID.</summary>
    public NamedSid? Find(Sid sid)
    {
        if (sid.Equals(sids.Domain)) return OfDomain;
        if (sids.TryUser(sid, out var uid)) return OfUser(uid, sid);
        if (sids.TryGroup(sid, out var gid)) return OfGroup(gid, sid);
        return Array.Find(WellKnown, known => known.Sid.Equals(sid));
    }

    /// <summary>Looks a name up, with or without a domain in front or, as in mail, behind. Null when it means nobody.</summary>
    public NamedSid? Find(string name)
    {
        var (inDomain, account) = Split(name);
        var known = Array.Find(WellKnown, each =>
            Same(each.Name, account) && (inDomain.Length == 0 || Same(each.Domain, inDomain)));
        if (known is not null) return known;
        if (inDomain.Length > 0 && !Same(inDomain, domain)) return null;
        if (account.Length == 0) return inDomain.Length == 0 ? null : OfDomain;

        // A user may be called as the server is, and is meant then.
        return FindAccount(account) ?? (inDomain.Length == 0 && Same(account, domain) ? OfDomain : null);
    }

    private NamedSid OfDomain => new(domain, sids.Domain, "", SidNameUse.Domain);

    private NamedSid? FindAccount(string account)
    {
        foreach (var user in accounts)
        {
            if (Same(user.Name, account)) return OfUser(user.Uid, sids.OfUser(user.Uid));
        }

        if (Same(account, "root")) return OfUser(0, sids.OfUser(0));
        foreach (var (name, gid) in Groups)
        {
            if (Same(name, account)) return OfGroup(gid, sids.OfGroup(gid));
        }

        if (TryNumber(account, UserPrefix, out var id)) return OfUser(id, sids.OfUser(id));
        return TryNumber(account, GroupPrefix, out id) ? OfGroup(id, sids.OfGroup(id)) : null;
    }

    private NamedSid OfUser(uint uid, Sid sid)
    {
        foreach (var user in accounts)
        {
            if (user.Uid == uid) return new NamedSid(domain, sid, user.Name, SidNameUse.User);
        }

        return new NamedSid(domain, sid, uid == 0 ? "root" : Numbered(UserPrefix, uid), SidNameUse.User);
    }

    private NamedSid OfGroup(uint gid, Sid sid)
    {
        foreach (var group in Groups)
        {
            if (group.Gid == gid) return new NamedSid(domain, sid, group.Name, SidNameUse.Group);
        }

        return new NamedSid(domain, sid, Numbered(GroupPrefix, gid), SidNameUse.Group);
    }

    private static (string Domain, string Account) Split(string name)
    {
        var backslash = name.IndexOf('\\', StringComparison.Ordinal);
        if (backslash >= 0) return (name[..backslash], name[(backslash + 1)..]);

        var at = name.LastIndexOf('@');
        return at > 0 ? (name[(at + 1)..], name[..at]) : ("", name);
    }

    private static bool Same(string left, string right) => left.Equals(right, StringComparison.OrdinalIgnoreCase);

    private static string Numbered(string prefix, uint id) => prefix + id.ToString(CultureInfo.InvariantCulture);

    private static bool TryNumber(string account, string prefix, out uint id)
    {
        id = 0;
        return account.StartsWith(prefix, StringComparison.OrdinalIgnoreCase)
            && uint.TryParse(account.AsSpan(prefix.Length), NumberStyles.None, CultureInfo.InvariantCulture, out id);
    }
}

/// <summary>A SID and its name. Of a domain itself, the name is empty.</summary>
internal sealed record NamedSid(string Domain, Sid Sid, string Name, SidNameUse Use)
{
    /// <summary>The SID of the domain: without the last part, which is the account's.</summary>
    public Sid DomainSid => Use == SidNameUse.Domain ? Sid : new Sid(Sid.Authority, Sid.SubAuthorities[..^1]);
}
