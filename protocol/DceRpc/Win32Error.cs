namespace Gateway.Protocol.DceRpc;

/// <summary>NET_API_STATUS: what the interfaces of LAN Manager return, MS-ERREF 2.2.</summary>
public enum Win32Error : uint
{
    Success = 0,
    AccessDenied = 5,
    NotSupported = 50,
    InvalidParameter = 87,
    InvalidName = 123,
    InvalidLevel = 124,
    MoreData = 234,

    /// <summary>NERR_NetNameNotFound.</summary>
    NetNameNotFound = 2310,

    /// <summary>NERR_DeviceNotShared.</summary>
    DeviceNotShared = 2311,
}
