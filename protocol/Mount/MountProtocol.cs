namespace Gateway.Protocol.Mount;

/// <summary>The constants of the MOUNT protocol: version 3 of RFC 1813 §5, version 1 of RFC 1094 appendix A.</summary>
public static class MountProtocol
{
    public const uint Program = 100005;

    public const uint Version1 = 1;

    public const uint Version3 = 3;

    /// <summary>MNTPATHLEN, bytes.</summary>
    public const int PathBytesMax = 1024;

    /// <summary>MNTNAMLEN, bytes.</summary>
    public const int NameBytesMax = 255;

    /// <summary>FHSIZE3, bytes.</summary>
    public const int HandleBytesMax = 64;
}

/// <summary>The procedures of RFC 1813 §5.2; those of version 1 have the same numbers.</summary>
public enum MountProcedure : uint
{
    Null = 0,
    Mnt = 1,
    Dump = 2,
    Umnt = 3,
    UmntAll = 4,
    Export = 5,
}

/// <summary>mountstat3, RFC 1813 §5.1.5. Version 1 sends the same numbers as Unix error codes.</summary>
public enum MountStatus : uint
{
    Ok = 0,
    NotOwner = 1,
    NoEntry = 2,
    IO = 5,
    Access = 13,
    NotDirectory = 20,
    Invalid = 22,
    NameTooLong = 63,
    NotSupported = 10004,
    ServerFault = 10006,
}
