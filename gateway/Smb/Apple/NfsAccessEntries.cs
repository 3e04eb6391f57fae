using Gateway.FileSystem;
using Gateway.FileSystem.Security;

namespace Gateway.Smb.Apple;

/// <summary>
/// Entries by which macOS reads and sets a file's owner, group and mode within its access control list, once AAPL has
/// agreed on NFS_ACE: they grant and deny nothing, and are never stored.
/// </summary>
internal static class NfsAccessEntries
{
    /// <summary>S-1-5-88, the authority of NFS identities; behind it the kind, and the number.</summary>
    private const uint NfsAuthority = 88;
    private const uint User = 1;
    private const uint Group = 2;
    private const uint Mode = 3;

    /// <summary>The list as macOS reads it.</summary>
    public static SecurityDescriptor Show(SecurityDescriptor descriptor, in NodeAttributes attributes)
    {
        if (descriptor.Dacl is not { } list) return descriptor;
        AccessControlEntry[] entries =
        [
            .. list.Entries,
            Entry(User, attributes.Uid),
            Entry(Group, attributes.Gid),
            Entry(Mode, attributes.UnixMode()),
        ];
        return descriptor with { Dacl = new AccessControlList(entries) };
    }

    /// <summary>The list without them, and the permission bits that one of them sets.</summary>
    public static SecurityDescriptor Take(SecurityDescriptor given, out uint? mode)
    {
        mode = null;
        if (given.Dacl is not { } list) return given;

        var entries = new List<AccessControlEntry>(list.Entries.Length);
        foreach (var entry in list.Entries)
        {
            if (!IsNfs(entry.Sid)) entries.Add(entry);
            else if (entry.Sid.SubAuthorities is [NfsAuthority, Mode, var bits]) mode = bits & Permissions.All;
        }

        return given with { Dacl = new AccessControlList(entries) };
    }

    private static AccessControlEntry Entry(uint kind, uint number) =>
        new(AceType.AccessDenied, AceFlags.None, AccessMask.None, new Sid(5, NfsAuthority, kind, number));

    private static bool IsNfs(Sid sid) => sid.Authority == 5 && sid.SubAuthorities is [NfsAuthority, _, _];
}
