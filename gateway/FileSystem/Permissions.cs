using Gateway.FileSystem.Tables;

namespace Gateway.FileSystem;

/// <summary>Checks by POSIX mode bits.</summary>
internal static class Permissions
{
    public const uint SetUid = 0x800;
    public const uint SetGid = 0x400;
    public const uint Sticky = 0x200;
    public const uint All = 0xFFF;
    public const uint Read = 4;
    public const uint Write = 2;
    public const uint Execute = 1;

    private const uint GroupExecute = 0x8;
    private const uint AnyExecute = 0x49;

    /// <summary>True when all the wanted rwx bits are granted. Root needs one execute bit to execute a file.</summary>
    public static bool Allow(in Inode inode, in Caller caller, uint wanted)
    {
        if (caller.IsTrusted) return true;
        if (caller.IsRoot) return (wanted & Execute) == 0 || inode.IsDirectory || (inode.Mode & AnyExecute) != 0;

        var shift = caller.Uid == inode.Uid ? 6 : caller.IsMember(inode.Gid) ? 3 : 0;
        return ((uint)(inode.Mode >> shift) & wanted) == wanted;
    }

    public static bool IsOwner(in Inode inode, in Caller caller) => caller.IsUnbound || caller.Uid == inode.Uid;

    /// <summary>
    /// Data of a file, with the server's own rules for files that were opened before (RFC 1813 §4.4).
    /// </summary>
    public static bool AllowData(in Inode inode, in Caller caller, uint wanted, DataAccess access) => access switch
    {
        DataAccess.CheckedAtOpen => true,
        DataAccess.OwnerOverride when caller.Uid == inode.Uid => true,
        DataAccess.OwnerOverride when wanted == Read => Allow(inode, caller, Read) || Allow(inode, caller, Execute),
        _ => Allow(inode, caller, wanted),
    };

    /// <summary>In a sticky directory only the owners of entry and directory may remove or rename the entry.</summary>
    public static bool AllowRemoval(in Inode directory, in Inode entry, in Caller caller) =>
        (directory.Mode & Sticky) == 0 || IsOwner(entry, caller) || IsOwner(directory, caller);

    /// <summary>Writing, or giving away, takes set-user-id and set-group-id from a file.</summary>
    public static ushort WithoutPrivileges(ushort mode) =>
        (ushort)(mode & ~(SetUid | ((mode & GroupExecute) != 0 ? SetGid : 0)));

    public static AccessRights Granted(in Inode inode, in Caller caller, AccessRights wanted)
    {
        var granted = AccessRights.None;
        if (Allow(inode, caller, Read)) granted |= AccessRights.Read;
        if (Allow(inode, caller, Write)) granted |= AccessRights.Modify | AccessRights.Extend;
        if (inode.IsDirectory)
        {
            if (Allow(inode, caller, Execute)) granted |= AccessRights.Lookup;
            if (Allow(inode, caller, Write | Execute)) granted |= AccessRights.Delete;
            else granted &= ~(AccessRights.Modify | AccessRights.Extend);
        }
        else if (Allow(inode, caller, Execute))
        {
            granted |= AccessRights.Execute;
        }

        return granted & wanted;
    }
}
