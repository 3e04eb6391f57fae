namespace Gateway.FileSystem;

/// <summary>
/// Attributes that DOS and Windows keep with a file (MS-FSCC 2.6), as far as they are settable. The numbers are stored
/// in rows. NFS does not see them and they bind nobody by themselves.
/// </summary>
[Flags]
public enum DosAttributes : ushort
{
    None = 0,
    ReadOnly = 0x1,
    Hidden = 0x2,
    System = 0x4,

    /// <summary>Set by every change of the content, also over NFS.</summary>
    Archive = 0x20,
    Temporary = 0x100,

    /// <summary>The client wants holes to be kept; the volume keeps them anyway.</summary>
    Sparse = 0x200,
    Offline = 0x1000,
    NotContentIndexed = 0x2000,
}
