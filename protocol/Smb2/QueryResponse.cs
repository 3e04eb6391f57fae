using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2;

/// <summary>The response of QUERY_DIRECTORY and of QUERY_INFO: a buffer (MS-SMB2 2.2.34, 2.2.38).</summary>
/// <remarks>
/// <code>
/// 0 StructureSize 9   2 OutputBufferOffset   4 OutputBufferLength   8 Buffer
/// </code>
/// </remarks>
public static class QueryResponse
{
    public const ushort StructureSize = 9;

    /// <summary>Bytes of the body before the buffer.</summary>
    public const int BodyBytes = 8;

    public static void WriteHead(Span<byte> body, int outputBytes)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(body, StructureSize);
        BinaryPrimitives.WriteUInt16LittleEndian(body[2..], Smb2Header.Bytes + BodyBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(body[4..], (uint)outputBytes);
    }

    /// <summary>Parses a message, its header included; false when a length or an offset cannot be.</summary>
    public static bool TryParse(ReadOnlySpan<byte> message, out ReadOnlySpan<byte> buffer)
    {
        buffer = default;
        if (!MessageBody.TryTake(message, StructureSize, BodyBytes, out var body)) return false;

        var length = BinaryPrimitives.ReadUInt32LittleEndian(body[4..]);
        return MessageBody.TrySlice(message, BodyBytes, BinaryPrimitives.ReadUInt16LittleEndian(body[2..]), length, out buffer);
    }
}
