namespace Gateway.FileSystem.Opens;

/// <summary>Options of an open, with the bits of MS-SMB2 2.2.13, CreateOptions.</summary>
[Flags]
public enum OpenOptions : uint
{
    None = 0,

    /// <summary>The node must be, or becomes, a directory.</summary>
    Directory = 0x1,

    WriteThrough = 0x2,

    SequentialOnly = 0x4,

    NoIntermediateBuffering = 0x8,

    SynchronousAlert = 0x10,

    SynchronousNonAlert = 0x20,

    /// <summary>The node must not be a directory.</summary>
    NonDirectory = 0x40,

    /// <summary>Does not wait for a break that the open causes.</summary>
    CompleteIfOplocked = 0x100,

    /// <summary>The client cannot handle extended attributes.</summary>
    NoExtendedAttributes = 0x200,

    RandomAccess = 0x800,

    /// <summary>The node is removed when its last open ends.</summary>
    DeleteOnClose = 0x1000,

    OpenById = 0x2000,

    OpenForBackup = 0x4000,

    NoCompression = 0x8000,

    OpenRequiringOplock = 0x10000,

    DisallowExclusive = 0x20000,

    ReserveOpenFilter = 0x100000,

    /// <summary>Opens a symbolic link itself.</summary>
    OpenReparsePoint = 0x200000,

    OpenNoRecall = 0x400000,

    OpenForFreeSpaceQuery = 0x800000,
}
