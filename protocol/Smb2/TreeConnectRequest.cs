using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2;

/// <summary>Flags of a TREE_CONNECT Request of 3.1.1, MS-SMB2 2.2.9.</summary>
[Flags]
public enum TreeConnectFlags : ushort
{
    None = 0,
    ClusterReconnect = 1,
    RedirectToOwner = 2,

    /// <summary>EXTENSION_PRESENT: tree connect contexts stand before the path.</summary>
    HasExtension = 4,
}

/// <summary>SMB2 TREE_CONNECT Request, MS-SMB2 2.2.9. A view of the message; its contexts are passed over.</summary>
/// <remarks>
/// <code>
/// 0 StructureSize 9   2 Flags   4 PathOffset   6 PathLength   8 Buffer
/// </code>
/// </remarks>
public readonly ref struct TreeConnectRequest
{
    public const ushort StructureSize = 9;

    private const int BodyBytes = 8;

    public TreeConnectFlags Flags { get; init; }

    /// <summary>UTF-16: \\server\share.</summary>
    public ReadOnlySpan<byte> Path { get; init; }

    /// <summary>Parses a message, its header included; false when a length or an offset cannot be.</summary>
    public static bool TryParse(ReadOnlySpan<byte> message, out TreeConnectRequest request)
    {
        request = default;
        if (!MessageBody.TryTake(message, StructureSize, BodyBytes, out var body)) return false;

        var offset = BinaryPrimitives.ReadUInt16LittleEndian(body[4..]);
        var length = BinaryPrimitives.ReadUInt16LittleEndian(body[6..]);
        if (length % 2 != 0 || !MessageBody.TrySlice(message, BodyBytes, offset, length, out var path)) return false;

        request = new TreeConnectRequest
        {
            Flags = (TreeConnectFlags)BinaryPrimitives.ReadUInt16LittleEndian(body[2..]),
            Path = path,
        };
        return true;
    }
}
