namespace Gateway.Protocol.Smb2;

/// <summary>Names of the create contexts, MS-SMB2 2.2.13.2.</summary>
public static class CreateContextNames
{
    /// <summary>SMB2_CREATE_EA_BUFFER.</summary>
    public static ReadOnlySpan<byte> ExtendedAttributes => "ExtA"u8;

    /// <summary>SMB2_CREATE_SD_BUFFER.</summary>
    public static ReadOnlySpan<byte> SecurityDescriptor => "SecD"u8;

    /// <summary>SMB2_CREATE_DURABLE_HANDLE_REQUEST, and its answer.</summary>
    public static ReadOnlySpan<byte> DurableRequest => "DHnQ"u8;

    /// <summary>SMB2_CREATE_DURABLE_HANDLE_RECONNECT.</summary>
    public static ReadOnlySpan<byte> DurableReconnect => "DHnC"u8;

    /// <summary>SMB2_CREATE_ALLOCATION_SIZE.</summary>
    public static ReadOnlySpan<byte> AllocationSize => "AlSi"u8;

    /// <summary>SMB2_CREATE_QUERY_MAXIMAL_ACCESS_REQUEST, and its answer.</summary>
    public static ReadOnlySpan<byte> MaximalAccess => "MxAc"u8;

    /// <summary>SMB2_CREATE_TIMEWARP_TOKEN.</summary>
    public static ReadOnlySpan<byte> TimewarpToken => "TWrp"u8;

    /// <summary>SMB2_CREATE_QUERY_ON_DISK_ID, and its answer.</summary>
    public static ReadOnlySpan<byte> QueryOnDiskId => "QFid"u8;

    /// <summary>SMB2_CREATE_REQUEST_LEASE in both versions, and the answers.</summary>
    public static ReadOnlySpan<byte> Lease => "RqLs"u8;

    /// <summary>SMB2_CREATE_DURABLE_HANDLE_REQUEST_V2, and its answer.</summary>
    public static ReadOnlySpan<byte> DurableRequestV2 => "DH2Q"u8;

    /// <summary>SMB2_CREATE_DURABLE_HANDLE_RECONNECT_V2.</summary>
    public static ReadOnlySpan<byte> DurableReconnectV2 => "DH2C"u8;

    /// <summary>Apple's extensions; not in MS-SMB2.</summary>
    public static ReadOnlySpan<byte> Apple => "AAPL"u8;

    /// <summary>SMB2_CREATE_APP_INSTANCE_ID, 45BCA66A-EFA7-F74A-9008-FA462E144D74 in the order of the wire.</summary>
    public static ReadOnlySpan<byte> AppInstanceId =>
        [0x45, 0xBC, 0xA6, 0x6A, 0xEF, 0xA7, 0xF7, 0x4A, 0x90, 0x08, 0xFA, 0x46, 0x2E, 0x14, 0x4D, 0x74];

    /// <summary>SMB2_CREATE_APP_INSTANCE_VERSION, B982D0B7-3B56-074F-A07B-524A8116A010 in the order of the wire.</summary>
    public static ReadOnlySpan<byte> AppInstanceVersion =>
        [0xB9, 0x82, 0xD0, 0xB7, 0x3B, 0x56, 0x07, 0x4F, 0xA0, 0x7B, 0x52, 0x4A, 0x81, 0x16, 0xA0, 0x10];
}
