namespace Gateway.FileSystem.Security;

/// <summary>AceFlags, MS-DTYP 2.4.4.1.</summary>
[Flags]
public enum AceFlags : byte
{
    None = 0,

    /// <summary>Files inherit the entry; directories keep it for their files.</summary>
    ObjectInherit = 0x01,

    /// <summary>Directories inherit the entry.</summary>
    ContainerInherit = 0x02,

    /// <summary>Children inherit it, grandchildren do not.</summary>
    NoPropagateInherit = 0x04,

    /// <summary>Not for this object, only for what inherits from it.</summary>
    InheritOnly = 0x08,

    /// <summary>Came from the parent.</summary>
    Inherited = 0x10,

    SuccessfulAccess = 0x40,

    FailedAccess = 0x80,

    /// <summary>Everything that concerns children.</summary>
    Inheritance = ObjectInherit | ContainerInherit | NoPropagateInherit | InheritOnly,
}
