using System.Buffers;
using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2;

/// <summary>SessionFlags of a SESSION_SETUP Response, MS-SMB2 2.2.6.</summary>
[Flags]
public enum SessionFlags : ushort
{
    None = 0,
    IsGuest = 1,

    /// <summary>IS_NULL: anonymous.</summary>
    IsAnonymous = 2,
    EncryptData = 4,
}

/// <summary>SMB2 SESSION_SETUP Response, MS-SMB2 2.2.6.</summary>
/// <remarks>
/// <code>
/// 0 StructureSize 9   2 SessionFlags   4 SecurityBufferOffset   6 SecurityBufferLength   8 Buffer
/// </code>
/// </remarks>
public static class SessionSetupResponse
{
    public const ushort StructureSize = 9;

    private const int BodyBytes = 8;

    /// <summary>Writes the body, right behind the header.</summary>
    public static void Write(IBufferWriter<byte> target, SessionFlags flags, ReadOnlySpan<byte> securityBuffer)
    {
        var bytes = BodyBytes + securityBuffer.Length;
        var body = target.GetSpan(bytes)[..bytes];
        BinaryPrimitives.WriteUInt16LittleEndian(body, StructureSize);
        BinaryPrimitives.WriteUInt16LittleEndian(body[2..], (ushort)flags);
        BinaryPrimitives.WriteUInt16LittleEndian(body[4..], Smb2Header.Bytes + BodyBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(body[6..], (ushort)securityBuffer.Length);
        securityBuffer.CopyTo(body[BodyBytes..]);
        target.Advance(bytes);
    }

    public static bool TryParse(ReadOnlySpan<byte> message, out SessionFlags flags, out ReadOnlySpan<byte> securityBuffer)
    {
        flags = default;
        securityBuffer = default;
        if (!MessageBody.TryTake(message, StructureSize, BodyBytes, out var body)) return false;

        flags = (SessionFlags)BinaryPrimitives.ReadUInt16LittleEndian(body[2..]);
        var offset = BinaryPrimitives.ReadUInt16LittleEndian(body[4..]);
        var length = BinaryPrimitives.ReadUInt16LittleEndian(body[6..]);
        return MessageBody.TrySlice(message, BodyBytes, offset, length, out securityBuffer);
    }
}
