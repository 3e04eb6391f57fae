namespace Gateway.Protocol.Nlm4;

/// <summary>Numbers and bounds of the Network Lock Manager version 4: RFC 1813 Appendix II and XNFS chapter 10.</summary>
public static class Nlm4Protocol
{
    public const uint Program = 100021;

    public const uint Version = 4;

    /// <summary>LM_MAXSTRLEN, bytes of a caller's name.</summary>
    public const int CallerNameBytesMax = 1024;

    /// <summary>MAXNETOBJ_SZ, bytes of a cookie, an owner handle, a file handle.</summary>
    public const int NetObjectBytesMax = 1024;

    /// <summary>MAXNAMELEN, bytes of the name in FREE_ALL.</summary>
    public const int NameBytesMax = 1025;
}

/// <summary>Procedures, RFC 1813 §6.3.</summary>
public enum Nlm4Procedure : uint
{
    Null = 0,
    Test = 1,
    Lock = 2,
    Cancel = 3,
    Unlock = 4,
    Granted = 5,
    TestMessage = 6,
    LockMessage = 7,
    CancelMessage = 8,
    UnlockMessage = 9,
    GrantedMessage = 10,
    TestResult = 11,
    LockResult = 12,
    CancelResult = 13,
    UnlockResult = 14,
    GrantedResult = 15,

    /// <summary>Private between Linux's statd and its own kernel, never on the wire to another host.</summary>
    LinuxNotify = 16,
    Share = 20,
    Unshare = 21,
    UnmonitoredLock = 22,
    FreeAll = 23,
}

/// <summary>nlm4_stats, RFC 1813 §6.1.3.</summary>
public enum Nlm4Status : uint
{
    Granted = 0,
    Denied = 1,
    DeniedNoLocks = 2,
    Blocked = 3,
    DeniedGracePeriod = 4,
    Deadlock = 5,
    ReadOnlyFileSystem = 6,
    StaleHandle = 7,
    FileTooBig = 8,
    Failed = 9,
}
