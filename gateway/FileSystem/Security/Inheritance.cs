namespace Gateway.FileSystem.Security;

/// <summary>The descriptor of a new file or directory: CreateSecurityDescriptor, MS-DTYP 2.5.3.4.</summary>
/// <remarks>
/// Of the variants the document leaves open this is the one of a file system: no default DACL of the token is needed,
/// since without anything given or inherited the new node gets the permission bits of its directory (ADR 11), and those
/// are its descriptor (<see cref="ModeMapping"/>). Children made earlier are not reached by a change of the parent; the
/// client walks the tree.
/// </remarks>
public static class Inheritance
{
    /// <summary>
    /// What a child of <paramref name="parent"/> is given; null when nothing was given or is inheritable for this kind of child:
    /// then the permission bits of the directory count, and nothing is stored.
    /// </summary>
    /// <param name="parent">Of the directory.</param>
    /// <param name="given">What the creator asks for, if anything.</param>
    /// <param name="creator">Who becomes the owner when nothing else is said.</param>
    /// <param name="directory">The child is one.</param>
    /// <param name="parentGroup">Of a directory with the set-group-id bit, which hands its group on.</param>
    public static SecurityDescriptor? ForChild(
        SecurityDescriptor parent, SecurityDescriptor? given, SecurityToken creator, bool directory, Sid? parentGroup = null)
    {
        var owner = given?.Owner ?? creator.User;
        var group = given?.Group ?? parentGroup ?? creator.PrimaryGroup;
        var child = given?.Canonical() ?? new SecurityDescriptor { Control = SecurityControl.SelfRelative };
        if (!child.HasDacl)
        {
            var inherited = Inherited(parent, owner, group, directory);
            if (inherited is null && given is null) return null;
            child = inherited is null
                ? WithoutDacl(child, owner)
                : child with { Dacl = inherited, Control = child.Control | SecurityControl.DaclPresent | AutoInherited(parent) };
        }

        return child with { Owner = owner, Group = group };
    }

    /// <summary>True when some entry of the DACL passes on to children of this kind.</summary>
    public static bool HasInheritable(SecurityDescriptor parent, bool directory)
    {
        if (parent.Dacl is not { } dacl) return false;
        foreach (var entry in dacl.Entries)
        {
            if (PassesOn(entry.Flags, directory)) return true;
        }

        return false;
    }

    /// <summary>The inherited entries (MS-DTYP 2.5.3.4.3); null when there are none.</summary>
    private static AccessControlList? Inherited(SecurityDescriptor parent, Sid owner, Sid group, bool directory)
    {
        if (parent.Dacl is not { } dacl || !HasInheritable(parent, directory)) return null;

        // The mark goes with the parent's own: without it a client could not tell inherited entries from explicit ones
        // and would put them into the wrong order.
        var mark = AutoInherited(parent) != 0 ? AceFlags.Inherited : AceFlags.None;
        var entries = new List<AccessControlEntry>();
        foreach (var entry in dacl.Entries)
        {
            if (PassesOn(entry.Flags, directory)) Inherit(entry, owner, group, directory, mark, entries);
        }

        // What is replaced takes more room than what stood for it. A list that would not fit any more is not cut, which could
        // lose a denial: the child is its owner's only.
        var list = new AccessControlList(entries);
        return list.BinaryLength <= AccessControlList.BytesMax ? list : OwnerOnly(owner);
    }

    private static void Inherit(
        AccessControlEntry entry, Sid owner, Sid group, bool directory, AceFlags mark, List<AccessControlEntry> into)
    {
        var sid = entry.Sid.Equals(WellKnownSids.CreatorOwner) ? owner
            : entry.Sid.Equals(WellKnownSids.CreatorGroup) ? group
            : entry.Sid;
        var effective = AccessCheck.MapGeneric(entry) with { Sid = sid, Flags = Audited(entry.Flags) | mark };
        if (!directory || (entry.Flags & AceFlags.NoPropagateInherit) != 0)
        {
            into.Add(effective);
            return;
        }

        var flags = Audited(entry.Flags) | (entry.Flags & (AceFlags.ObjectInherit | AceFlags.ContainerInherit)) | mark;
        if ((entry.Flags & AceFlags.ContainerInherit) == 0)
        {
            // For files only: the directory hands it on and is not concerned itself.
            into.Add(entry with { Flags = flags | AceFlags.InheritOnly });
            return;
        }

        if (effective.Sid.Equals(entry.Sid) && effective.Mask == entry.Mask)
        {
            into.Add(effective with { Flags = flags });
            return;
        }

        // What is replaced for this directory has to reach the next one unreplaced: two entries.
        into.Add(effective);
        into.Add(entry with { Flags = flags | AceFlags.InheritOnly });
    }

    private static bool PassesOn(AceFlags flags, bool directory) => directory
        ? (flags & AceFlags.ContainerInherit) != 0
            || (flags & (AceFlags.ObjectInherit | AceFlags.NoPropagateInherit)) == AceFlags.ObjectInherit
        : (flags & AceFlags.ObjectInherit) != 0;

    private static AceFlags Audited(AceFlags flags) => flags & (AceFlags.SuccessfulAccess | AceFlags.FailedAccess);

    private static SecurityControl AutoInherited(SecurityDescriptor parent) => parent.Control & SecurityControl.DaclAutoInherited;

    /// <summary>Given without a DACL and nothing to inherit: full control for the owner, as the default DACL of a token says.</summary>
    private static SecurityDescriptor WithoutDacl(SecurityDescriptor child, Sid owner) => child with
    {
        Dacl = OwnerOnly(owner),
        Control = child.Control | SecurityControl.DaclPresent,
    };

    private static AccessControlList OwnerOnly(Sid owner) => new(
        new AccessControlEntry(AceType.AccessAllowed, AceFlags.None, AccessMask.FileAll, owner),
        new AccessControlEntry(AceType.AccessAllowed, AceFlags.None, AccessMask.FileAll, WellKnownSids.LocalSystem));
}
