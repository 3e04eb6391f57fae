using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2;

/// <summary>ShareFlags of a TREE_CONNECT Response, MS-SMB2 2.2.10.</summary>
[Flags]
public enum ShareFlags : uint
{
    /// <summary>MANUAL_CACHING: the client may keep files offline when its user says so.</summary>
    None = 0,
    AutoCaching = 0x10,
    VolumeDataSharingCaching = 0x20,
    NoCaching = 0x30,
    Dfs = 0x1,
    DfsRoot = 0x2,
    RestrictExclusiveOpens = 0x100,
    ForceSharedDelete = 0x200,
    AllowNamespaceCaching = 0x400,
    AccessBasedDirectoryEnumeration = 0x800,
    ForceLevel2Oplocks = 0x1000,
    EnableHashV1 = 0x2000,
    EnableHashV2 = 0x4000,
    EncryptData = 0x8000,
    IdentityRemoting = 0x40000,
    CompressData = 0x100000,
}

/// <summary>Capabilities of a TREE_CONNECT Response, MS-SMB2 2.2.10.</summary>
[Flags]
public enum ShareCapabilities : uint
{
    None = 0,
    Dfs = 0x8,
    ContinuousAvailability = 0x10,
    ScaleOut = 0x20,
    Cluster = 0x40,
    Asymmetric = 0x80,
    RedirectToOwner = 0x100,
}

/// <summary>SMB2 TREE_CONNECT Response, MS-SMB2 2.2.10.</summary>
/// <remarks>
/// <code>
/// 0 StructureSize 16   2 ShareType   3 Reserved   4 ShareFlags   8 Capabilities   12 MaximalAccess
/// </code>
/// </remarks>
public readonly record struct TreeConnectResponse(
    byte ShareType, ShareFlags Flags, ShareCapabilities Capabilities, uint MaximalAccess)
{
    public const ushort StructureSize = 16;

    public const int BodyBytes = 16;

    public void Write(Span<byte> body)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(body, StructureSize);
        body[2] = ShareType;
        body[3] = 0;
        BinaryPrimitives.WriteUInt32LittleEndian(body[4..], (uint)Flags);
        BinaryPrimitives.WriteUInt32LittleEndian(body[8..], (uint)Capabilities);
        BinaryPrimitives.WriteUInt32LittleEndian(body[12..], MaximalAccess);
    }

    public static bool TryParse(ReadOnlySpan<byte> message, out TreeConnectResponse response)
    {
        response = default;
        if (!MessageBody.TryTake(message, StructureSize, BodyBytes, out var body)) return false;

        response = new TreeConnectResponse(
            body[2],
            (ShareFlags)BinaryPrimitives.ReadUInt32LittleEndian(body[4..]),
            (ShareCapabilities)BinaryPrimitives.ReadUInt32LittleEndian(body[8..]),
            BinaryPrimitives.ReadUInt32LittleEndian(body[12..]));
        return true;
    }
}
