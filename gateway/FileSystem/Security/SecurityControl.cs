namespace Gateway.FileSystem.Security;

/// <summary>Control of a security descriptor, MS-DTYP 2.4.6.</summary>
[Flags]
public enum SecurityControl : ushort
{
    None = 0,
    OwnerDefaulted = 0x0001,
    GroupDefaulted = 0x0002,
    DaclPresent = 0x0004,
    DaclDefaulted = 0x0008,
    SaclPresent = 0x0010,
    SaclDefaulted = 0x0020,
    DaclTrusted = 0x0040,
    ServerSecurity = 0x0080,

    /// <summary>DC, SE_DACL_AUTO_INHERIT_REQ: only asks; never stored.</summary>
    DaclInheritanceRequired = 0x0100,

    /// <summary>SC, SE_SACL_AUTO_INHERIT_REQ: only asks; never stored.</summary>
    SaclInheritanceRequired = 0x0200,

    /// <summary>DI: the inherited entries of the DACL are marked as such.</summary>
    DaclAutoInherited = 0x0400,

    SaclAutoInherited = 0x0800,

    /// <summary>PD: nothing is inherited into the DACL.</summary>
    DaclProtected = 0x1000,

    SaclProtected = 0x2000,

    ControlValid = 0x4000,

    SelfRelative = 0x8000,
}
