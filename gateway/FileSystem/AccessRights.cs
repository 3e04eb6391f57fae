namespace Gateway.FileSystem;

/// <summary>Rights to ask for and to be granted (the bits of RFC 1813 §3.3.4).</summary>
[Flags]
public enum AccessRights : uint
{
    None = 0,

    /// <summary>Read a file, list a directory.</summary>
    Read = 0x01,

    /// <summary>Look a name up in a directory.</summary>
    Lookup = 0x02,

    /// <summary>Overwrite a file, change or remove entries of a directory.</summary>
    Modify = 0x04,

    /// <summary>Append to a file, add entries to a directory.</summary>
    Extend = 0x08,

    /// <summary>Remove an entry of the directory.</summary>
    Delete = 0x10,

    /// <summary>Execute a file.</summary>
    Execute = 0x20,
}

/// <summary>How a data operation checks the mode bits.</summary>
public enum DataAccess
{
    /// <summary>The bits decide.</summary>
    ByMode,

    /// <summary>
    /// A server without opens (RFC 1813 §4.4): the owner may always read and write, since the file may have been opened
    /// before its mode changed, and execute permission implies read.
    /// </summary>
    OwnerOverride,

    /// <summary>The caller holds an open that was checked when it was made.</summary>
    CheckedAtOpen,
}
