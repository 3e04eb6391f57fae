namespace Gateway.Protocol.Smb2.FileControl;

/// <summary>CtlCode of an IOCTL (MS-SMB2 2.2.31, MS-FSCC 2.3): those a server may meet, sorted by value.</summary>
public enum FileControlCode : uint
{
    None = 0,
    DfsGetReferrals = 0x00060194,
    DfsGetReferralsEx = 0x000601B0,
    GetCompression = 0x0009003C,
    SetObjectId = 0x00090098,
    GetObjectId = 0x0009009C,
    DeleteObjectId = 0x000900A0,
    SetReparsePoint = 0x000900A4,
    GetReparsePoint = 0x000900A8,
    DeleteReparsePoint = 0x000900AC,
    CreateOrGetObjectId = 0x000900C0,
    SetSparse = 0x000900C4,
    GetIntegrityInformation = 0x0009027C,
    QueryFileRegions = 0x00090284,
    QueryAllocatedRanges = 0x000940CF,
    OffloadRead = 0x00094264,
    SetZeroData = 0x000980C8,
    FileLevelTrim = 0x00098208,
    OffloadWrite = 0x00098268,
    DuplicateExtentsToFile = 0x00098344,
    DuplicateExtentsToFileEx = 0x000983E8,
    SetCompression = 0x0009C040,
    SetIntegrityInformation = 0x0009C280,
    PipeWait = 0x00110018,
    PipePeek = 0x0011400C,
    PipeTransceive = 0x0011C017,
    RequestResumeKey = 0x00140078,
    RequestResiliency = 0x001401D4,
    QueryNetworkInterfaces = 0x001401FC,
    ValidateNegotiate = 0x00140204,
    EnumerateSnapshots = 0x00144064,
    CopyChunk = 0x001440F2,
    ReadHash = 0x001441BB,
    CopyChunkWrite = 0x001480F2,

    /// <summary>Of Samba's FSCTL_SMBTORTURE, for its test suite: the connection counts as one whose peer is silent.</summary>
    TortureSilence = 0x83848003,

    /// <summary>Eight bytes between the head of the response and its output.</summary>
    TortureIoctlPadding = 0x83848013,

    /// <summary>The same for all READ responses of the connection from now on.</summary>
    TortureReadPadding = 0x83848023,

    /// <summary>Waits for as many milliseconds as the one byte of input says.</summary>
    TortureFileSleep = 0x83848043,
}
