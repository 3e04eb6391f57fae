namespace Gateway.FileSystem.Security;

/// <summary>Permission bits as a descriptor, and a descriptor as permission bits.</summary>
/// <remarks>
/// POSIX decides by the first class that fits, a DACL by adding up; so a class that may do less than a wider one is
/// preceded by a denial. The owner's entries stand before the denial of the group, of which he may be a member: for the few
/// modes that need it (0707, say) the order is not the canonical one, since no canonical list says the same.
/// Deleting is a matter of the directory: no entry made from a mode grants DELETE.
/// </remarks>
public static class ModeMapping
{
    private const uint Read = 4;
    private const uint Write = 2;
    private const uint Execute = 1;
    private const uint Sticky = 0x200;
    private const uint SetGid = 0x400;
    private const uint PermissionBits = 0x1FF;
    private const uint ExecuteBits = 0x49;

    /// <summary>Anybody may see the attributes of a node he can reach.</summary>
    private const AccessMask Always = AccessMask.ReadAttributes | AccessMask.ReadControl | AccessMask.Synchronize;

    /// <summary>The owner may change times, attributes and permissions without any bit.</summary>
    private const AccessMask OwnerAlways = Always | AccessMask.WriteAttributes | AccessMask.WriteDacl | AccessMask.WriteOwner;

    /// <summary>What a bit grants and its absence denies, when a wider class has it.</summary>
    private const AccessMask ReadRights = AccessMask.ReadData | AccessMask.ReadExtendedAttributes;

    private const AccessMask WriteRights = AccessMask.WriteData | AccessMask.AppendData | AccessMask.WriteExtendedAttributes;

    /// <summary>What must be granted before a bit may be given: less would let somebody do over NFS what the DACL does not say.</summary>
    private const AccessMask WriteNeeds = AccessMask.WriteData | AccessMask.AppendData;

    /// <summary>The descriptor that says what the permission bits say.</summary>
    public static SecurityDescriptor FromMode(in NodeAttributes attributes, SidMap sids) =>
        FromMode(attributes.Uid, attributes.Gid, attributes.Mode, attributes.Type == NodeType.Directory, sids);

    public static SecurityDescriptor FromMode(uint uid, uint gid, uint mode, bool directory, SidMap sids)
    {
        var owner = sids.OfUser(uid);
        var group = sids.OfGroup(gid);
        uint user = (mode >> 6) & 7, members = (mode >> 3) & 7, others = mode & 7;
        var sticky = directory && (mode & Sticky) != 0;
        var entries = new List<AccessControlEntry>(5);
        Deny(entries, owner, Rights((members | others) & ~user, directory));
        Allow(entries, owner, OwnerAlways | Rights(user, directory));
        Deny(entries, group, OfWider(others & ~members, directory));
        Allow(entries, group, Always | OfWider(members, directory && !sticky));
        Allow(entries, WellKnownSids.Everyone, Always | OfWider(others, directory && !sticky));
        return new SecurityDescriptor
        {
            Owner = owner,
            Group = group,
            Dacl = new AccessControlList(entries),
            IsFromMode = true,
            IsExecutableByReaders = !directory,
        };
    }

    /// <summary>
    /// The permission bits nearest to the DACL that give nobody more than it does: 0777, and the sticky bit when others than
    /// the owner may add to a directory but not remove from it. Set-user-id and set-group-id are not spoken of.
    /// </summary>
    /// <remarks>
    /// Which groups a user is in is not known here. So an allowing entry counts for a class only when all of its
    /// members are meant, a denying one as soon as one of them could be.
    /// </remarks>
    public static uint ToMode(SecurityDescriptor descriptor, SidMap sids, uint uid, uint gid, bool directory)
    {
        if (descriptor.Dacl is not { } dacl) return PermissionBits;

        var ids = new Ids(sids, uid, gid, descriptor.Owner);
        var ofOwner = Certain(dacl, ids.AreOwner, ids.MayBeOwner);
        var ofGroup = Certain(dacl, ids.AreGroup, ids.MayBeGroup);
        var ofOther = Certain(dacl, Ids.AreOthers, ids.MayBeOthers);
        var mode = (Bits(ofOwner) << 6) | (Bits(ofGroup) << 3) | Bits(ofOther);
        return directory && (AddsOnly(ofGroup) || AddsOnly(ofOther)) ? mode | Sticky : mode;
    }

    /// <summary>The bits of a new node in a directory that has permission bits only (ADR 11).</summary>
    public static uint Inherited(uint directoryMode, bool directory) =>
        directoryMode & (directory ? PermissionBits | SetGid : PermissionBits & ~ExecuteBits);

    /// <summary>What every member of a class is granted: whom entries surely mean, and whom they might mean.</summary>
    private static AccessMask Certain(AccessControlList dacl, Func<Sid, bool> allowsAll, Func<Sid, bool> mayDeny)
    {
        AccessMask granted = AccessMask.None, denied = AccessMask.None;
        foreach (var entry in dacl.Entries)
        {
            if (!entry.IsEffective) continue;

            var mask = AccessCheck.MapGeneric(entry.Mask);
            if (entry.Allows && allowsAll(entry.Sid)) granted |= mask & ~denied;
            else if (entry.Denies && mayDeny(entry.Sid)) denied |= mask & ~granted;
        }

        return granted;
    }

    private static uint Bits(AccessMask granted) =>
        ((granted & AccessMask.ReadData) != 0 ? Read : 0)
        | ((granted & WriteNeeds) == WriteNeeds ? Write : 0)
        | ((granted & AccessMask.Execute) != 0 ? Execute : 0);

    private static bool AddsOnly(AccessMask granted) =>
        (granted & WriteNeeds) == WriteNeeds && (granted & AccessMask.DeleteChild) == 0;

    /// <summary>What the bits of a class that is not the owner stand for: who may write may change attributes.</summary>
    private static AccessMask OfWider(uint bits, bool deleting) =>
        Rights(bits, deleting) | ((bits & Write) != 0 ? AccessMask.WriteAttributes : AccessMask.None);

    private static AccessMask Rights(uint bits, bool deleting)
    {
        var rights = AccessMask.None;
        if ((bits & Read) != 0) rights |= ReadRights;
        if ((bits & Write) != 0) rights |= WriteRights | (deleting ? AccessMask.DeleteChild : AccessMask.None);
        if ((bits & Execute) != 0) rights |= AccessMask.Execute;
        return rights;
    }

    private static void Allow(List<AccessControlEntry> entries, Sid sid, AccessMask mask) =>
        entries.Add(new AccessControlEntry(AceType.AccessAllowed, AceFlags.None, mask, sid));

    private static void Deny(List<AccessControlEntry> entries, Sid sid, AccessMask mask)
    {
        if (mask != AccessMask.None) entries.Add(new AccessControlEntry(AceType.AccessDenied, AceFlags.None, mask, sid));
    }

    /// <summary>Whom a SID means of the three classes of a node.</summary>
    private sealed class Ids(SidMap sids, uint uid, uint gid, Sid? owner)
    {
        /// <summary>A descriptor may name an owner that is no user, a group of his: then OWNER RIGHTS are those of many.</summary>
        private readonly bool _ownerIsUser = owner is not null && sids.TryUser(owner, out var ownerId) && ownerId == uid;

        public static bool AreOthers(Sid sid) => sid.Equals(WellKnownSids.Everyone);

        public bool AreOwner(Sid sid) => AreOthers(sid) || IsAuthenticated(sid) || IsOwner(sid);

        public bool AreGroup(Sid sid) => AreOthers(sid) || IsAuthenticated(sid) || IsGroup(sid);

        public bool MayBeOwner(Sid sid) => IsBroad(sid) || IsOwner(sid) || sids.TryGroup(sid, out _);

        public bool MayBeGroup(Sid sid) => IsBroad(sid) || (IsLocal(sid) && !IsOwner(sid));

        public bool MayBeOthers(Sid sid) => IsBroad(sid) || (IsLocal(sid) && !IsOwner(sid) && !IsGroup(sid));

        /// <summary>Groups that all who proved who they are belong to; whom NFS squashes has not, and is among the others.</summary>
        private static bool IsAuthenticated(Sid sid) =>
            sid.Equals(WellKnownSids.AuthenticatedUsers) || sid.Equals(WellKnownSids.Users);

        private bool IsBroad(Sid sid) => AreOthers(sid) || IsAuthenticated(sid) || sid.Equals(WellKnownSids.Network)
            || (!_ownerIsUser && sid.Equals(WellKnownSids.OwnerRights));

        private bool IsOwner(Sid sid) =>
            (_ownerIsUser && sid.Equals(WellKnownSids.OwnerRights)) || (sids.TryUser(sid, out var id) && id == uid);

        private bool IsGroup(Sid sid) => sids.TryGroup(sid, out var id) && id == gid;

        private bool IsLocal(Sid sid) => sids.TryUser(sid, out _) || sids.TryGroup(sid, out _);
    }
}
