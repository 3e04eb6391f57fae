namespace Gateway.Protocol.Smb2;

/// <summary>CreateOptions of a CREATE, MS-SMB2 2.2.13.</summary>
[Flags]
public enum CreateOptions : uint
{
    None = 0,
    DirectoryFile = 0x1,
    WriteThrough = 0x2,
    SequentialOnly = 0x4,
    NoIntermediateBuffering = 0x8,
    SynchronousIoAlert = 0x10,
    SynchronousIoNonAlert = 0x20,
    NonDirectoryFile = 0x40,
    CreateTreeConnection = 0x80,
    CompleteIfOplocked = 0x100,
    NoEaKnowledge = 0x200,
    OpenRemoteInstance = 0x400,
    RandomAccess = 0x800,
    DeleteOnClose = 0x1000,
    OpenByFileId = 0x2000,
    OpenForBackupIntent = 0x4000,
    NoCompression = 0x8000,
    OpenRequiringOplock = 0x10000,
    DisallowExclusive = 0x20000,
    ReserveOpFilter = 0x100000,
    OpenReparsePoint = 0x200000,
    OpenNoRecall = 0x400000,
    OpenForFreeSpaceQuery = 0x800000,
}
