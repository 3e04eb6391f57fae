namespace Gateway.FileSystem.Security;

/// <summary>Whether a token may have the rights it asks for: the access check of MS-DTYP 2.5.3.2.</summary>
/// <remarks>
/// The entries are asked in the order they stand in, canonical or not: the first that speaks of a right decides it. So a
/// denial does not take away what an earlier entry granted. Uid 0 may do everything, as over NFS.
/// </remarks>
public static class AccessCheck
{
    /// <summary>Rights the owner has whatever the DACL says, unless it speaks of OWNER RIGHTS.</summary>
    private const AccessMask ImplicitOfOwner = AccessMask.ReadControl | AccessMask.WriteDacl;

    private const AccessMask Generic =
        AccessMask.GenericAll | AccessMask.GenericExecute | AccessMask.GenericRead | AccessMask.GenericWrite;

    /// <summary>Replaces generic rights by the file rights they stand for (MS-DTYP 2.4.3, MS-SMB2 2.2.13.1).</summary>
    public static AccessMask MapGeneric(AccessMask mask)
    {
        if ((mask & Generic) == 0) return mask;

        var mapped = mask & ~Generic;
        if ((mask & AccessMask.GenericRead) != 0) mapped |= AccessMask.FileRead;
        if ((mask & AccessMask.GenericWrite) != 0) mapped |= AccessMask.FileWrite;
        if ((mask & AccessMask.GenericExecute) != 0) mapped |= AccessMask.FileExecute;
        if ((mask & AccessMask.GenericAll) != 0) mapped |= AccessMask.FileAll;
        return mapped;
    }

    public static AccessControlEntry MapGeneric(AccessControlEntry entry) =>
        (entry.Mask & Generic) == 0 ? entry : entry with { Mask = MapGeneric(entry.Mask) };

    /// <summary>Everything the descriptor alone grants: what MAXIMUM_ALLOWED is given.</summary>
    public static AccessMask Granted(SecurityDescriptor descriptor, SecurityToken token)
    {
        if (token.IsAdministrator) return AccessMask.FileAll | AccessMask.AccessSystemSecurity;
        if (descriptor.Dacl is not { } dacl) return AccessMask.FileAll;

        var isOwner = IsOwner(descriptor, token);
        var granted = isOwner && !SpeaksOfOwnerRights(dacl) ? ImplicitOfOwner : AccessMask.None;
        var denied = AccessMask.None;
        foreach (var entry in dacl.Entries)
        {
            if (!entry.IsEffective || !Matches(entry.Sid, token, isOwner)) continue;

            var mask = MapGeneric(entry.Mask);
            if (entry.Allows) granted |= mask & ~denied;
            else if (entry.Denies) denied |= mask & ~granted;
        }

        if (descriptor.IsExecutableByReaders && (granted & AccessMask.ReadData) != 0) granted |= AccessMask.Execute;
        return granted & AccessMask.FileAll;
    }

    /// <summary>
    /// Everything that is granted on a node found in <paramref name="directory"/> (MS-FSA 2.1.5.1.2.1); null for the root of
    /// a share, which is not found in any.
    /// </summary>
    /// <remarks>
    /// Whoever found the node may read its attributes. Whoever may remove children of the directory may delete it. In a
    /// directory with permission bits only so may the node's owner who can write to it: with the sticky bit others may not.
    /// </remarks>
    public static AccessMask Granted(SecurityDescriptor descriptor, SecurityDescriptor? directory, SecurityToken token)
    {
        var granted = Granted(descriptor, token) | AccessMask.ReadAttributes;
        if ((granted & AccessMask.Delete) != 0) return granted;

        var around = directory is null ? granted : Granted(directory, token);
        var mayDelete = (around & AccessMask.DeleteChild) != 0
            || (directory is { IsFromMode: true } && (around & AccessMask.WriteData) != 0 && IsOwner(descriptor, token));
        return mayDelete ? granted | AccessMask.Delete : granted;
    }

    /// <summary>
    /// True when all of <paramref name="desired"/> is granted by the descriptor alone; <paramref name="granted"/> is then what
    /// the open has. MAXIMUM_ALLOWED adds what is granted besides, and does not excuse another right that is not.
    /// </summary>
    public static bool Allows(SecurityDescriptor descriptor, SecurityToken token, AccessMask desired, out AccessMask granted) =>
        Allows(Granted(descriptor, token), desired, out granted);

    /// <summary>The same for a node found in <paramref name="directory"/>.</summary>
    public static bool Allows(
        SecurityDescriptor descriptor, SecurityDescriptor? directory, SecurityToken token, AccessMask desired, out AccessMask granted) =>
        Allows(Granted(descriptor, directory, token), desired, out granted);

    /// <summary>The same when what is granted is known already.</summary>
    public static bool Allows(AccessMask available, AccessMask desired, out AccessMask granted)
    {
        granted = MapGeneric(desired & ~AccessMask.MaximumAllowed);
        if ((granted & ~available) != 0)
        {
            granted = AccessMask.None;
            return false;
        }

        // The right to the SACL has to be asked for by name: it comes from a privilege, not from the descriptor.
        if ((desired & AccessMask.MaximumAllowed) != 0) granted |= available & AccessMask.FileAll;
        return true;
    }

    /// <summary>
    /// True when the descriptor grants all that reading takes: content or entries, extended attributes, attributes and the
    /// descriptor itself. That the directory grants the attributes (MS-FSA 2.1.5.1.2.1) does not count.
    /// </summary>
    public static bool AllowsReading(SecurityDescriptor descriptor, SecurityToken token)
    {
        const AccessMask Reading = AccessMask.FileRead & ~AccessMask.Synchronize;
        return (Granted(descriptor, token) & Reading) == Reading;
    }

    /// <summary>
    /// True when the token may walk through the directory. The owner always may: no client of a Windows server is ever
    /// refused there, and what the owner is refused he can grant himself.
    /// </summary>
    public static bool AllowsTraversal(SecurityDescriptor directory, SecurityToken token) =>
        (Granted(directory, token) & AccessMask.Execute) != 0 || IsOwner(directory, token);

    /// <summary>
    /// True when the token may make <paramref name="owner"/> the owner of what it has WRITE_OWNER on: itself or one of its
    /// groups, unless it is an administrator (MS-DTYP 2.5.3.4.4; STATUS_INVALID_OWNER otherwise).
    /// </summary>
    public static bool AllowsOwner(Sid owner, SecurityToken token) => token.IsAdministrator || token.Contains(owner);

    public static bool IsOwner(SecurityDescriptor descriptor, SecurityToken token) =>
        descriptor.Owner is { } owner && token.Contains(owner);

    private static bool Matches(Sid sid, SecurityToken token, bool isOwner) =>
        token.Contains(sid) || (isOwner && sid.Equals(WellKnownSids.OwnerRights));

    private static bool SpeaksOfOwnerRights(AccessControlList dacl)
    {
        foreach (var entry in dacl.Entries)
        {
            if (entry.IsEffective && entry.Sid.Equals(WellKnownSids.OwnerRights)) return true;
        }

        return false;
    }
}
