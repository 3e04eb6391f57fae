using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2;

/// <summary>
/// The body that says nothing: LOGOFF, TREE_DISCONNECT, ECHO and CANCEL, and the responses of the first three (MS-SMB2 2.2.7,
/// 2.2.8, 2.2.11, 2.2.12, 2.2.28 to 2.2.30).
/// </summary>
public static class EmptyMessage
{
    public const ushort StructureSize = 4;

    public const int BodyBytes = 4;

    public static bool TryParse(ReadOnlySpan<byte> message) => MessageBody.TryTake(message, StructureSize, BodyBytes, out _);

    public static void Write(Span<byte> body)
    {
        body[..BodyBytes].Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(body, StructureSize);
    }
}
