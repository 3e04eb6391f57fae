namespace Gateway.Protocol.Smb2.Information;

/// <summary>FileSystemAttributes of FileFsAttributeInformation, MS-FSCC 2.5.1.</summary>
[Flags]
public enum FileSystemAttributes : uint
{
    None = 0,
    CaseSensitiveSearch = 0x1,
    CasePreservedNames = 0x2,
    UnicodeOnDisk = 0x4,
    PersistentAcls = 0x8,
    FileCompression = 0x10,
    VolumeQuotas = 0x20,
    SupportsSparseFiles = 0x40,
    SupportsReparsePoints = 0x80,
    SupportsRemoteStorage = 0x100,
    ReturnsCleanupResult = 0x200,
    SupportsPosixUnlinkRename = 0x400,
    VolumeIsCompressed = 0x8000,
    SupportsObjectIds = 0x10000,
    SupportsEncryption = 0x20000,
    NamedStreams = 0x40000,
    ReadOnlyVolume = 0x80000,
    SequentialWriteOnce = 0x100000,
    SupportsTransactions = 0x200000,
    SupportsHardLinks = 0x400000,
    SupportsExtendedAttributes = 0x800000,
    SupportsOpenByFileId = 0x1000000,
    SupportsUsnJournal = 0x2000000,
    SupportIntegrityStreams = 0x4000000,
    SupportsBlockRefcounting = 0x8000000,
    SupportsSparseVdl = 0x10000000,
}
