using Gateway.FileSystem.Security;

namespace Gateway.Smb.Commands;

/// <summary>What an open must have been granted to read or set a part of its security descriptor (MS-DTYP 2.4.7).</summary>
internal static class SecurityAccess
{
    private const SecurityInformation OwnerParts =
        SecurityInformation.Owner | SecurityInformation.Group | SecurityInformation.Label;

    private const SecurityInformation DaclParts = SecurityInformation.Dacl | SecurityInformation.Attribute
        | SecurityInformation.ProtectedDacl | SecurityInformation.UnprotectedDacl;

    private const SecurityInformation SaclParts = SecurityInformation.Sacl | SecurityInformation.Scope
        | SecurityInformation.ProtectedSacl | SecurityInformation.UnprotectedSacl;

    public static AccessMask ToRead(SecurityInformation parts)
    {
        var needed = AccessMask.None;
        if ((parts & (OwnerParts | DaclParts)) != 0) needed |= AccessMask.ReadControl;
        if ((parts & SaclParts) != 0) needed |= AccessMask.AccessSystemSecurity;
        return needed;
    }

    public static AccessMask ToSet(SecurityInformation parts)
    {
        var needed = AccessMask.None;
        if ((parts & OwnerParts) != 0) needed |= AccessMask.WriteOwner;
        if ((parts & DaclParts) != 0) needed |= AccessMask.WriteDacl;
        if ((parts & SaclParts) != 0) needed |= AccessMask.AccessSystemSecurity;
        return needed;
    }
}
