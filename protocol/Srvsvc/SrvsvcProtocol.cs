using Gateway.Protocol.DceRpc;

namespace Gateway.Protocol.Srvsvc;

/// <summary>The Server Service, MS-SRVS.</summary>
public static class SrvsvcProtocol
{
    /// <summary>Characters of a name or path that is read. No name of ours comes near.</summary>
    public const int NameLengthMax = 1024;

    /// <summary>sv101_platform_id and the like: PLATFORM_ID_NT, MS-SRVS 2.2.2.6.</summary>
    public const uint PlatformNt = 500;

    /// <summary>What version a server says it is decides what old clients try; this is what Samba says.</summary>
    public const uint VersionMajor = 6;

    public const uint VersionMinor = 1;

    public static DceSyntax Syntax { get; } = new(new Guid("4b324fc8-1670-01d3-1278-5a47bf6ee188"), 3, 0);
}

/// <summary>Operations, MS-SRVS 3.1.4.</summary>
public enum SrvsvcOperation : ushort
{
    ConnectionEnum = 8,
    FileEnum = 9,
    FileClose = 11,
    SessionEnum = 12,
    SessionDel = 13,
    ShareAdd = 14,
    ShareEnum = 15,
    ShareGetInfo = 16,
    ShareSetInfo = 17,
    ShareDel = 18,
    ShareDelSticky = 19,
    ShareCheck = 20,
    ServerGetInfo = 21,
    ServerSetInfo = 22,
    RemoteTimeOfDay = 28,
    NameValidate = 33,
    ShareEnumSticky = 36,
    GetFileSecurity = 39,
    SetFileSecurity = 40,
}
