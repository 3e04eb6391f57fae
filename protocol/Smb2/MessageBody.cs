using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2;

/// <summary>Checks that all bodies need which name a buffer by its offset from the header (MS-SMB2 2.2).</summary>
internal static class MessageBody
{
    /// <summary>Takes the fixed part of a body; false when it is shorter, or says another StructureSize.</summary>
    public static bool TryTake(ReadOnlySpan<byte> message, ushort structureSize, int fixedBytes, out ReadOnlySpan<byte> body)
    {
        body = default;
        if (message.Length < Smb2Header.Bytes + fixedBytes) return false;
        body = message[Smb2Header.Bytes..];
        return BinaryPrimitives.ReadUInt16LittleEndian(body) == structureSize;
    }

    /// <summary>
    /// Takes a buffer out of the message. It must lie behind the fixed part of the body; the offset of an empty one
    /// does not matter.
    /// </summary>
    public static bool TrySlice(ReadOnlySpan<byte> message, int fixedBytes, uint offset, uint length, out ReadOnlySpan<byte> buffer)
    {
        buffer = default;
        if (length == 0) return true;
        if (offset < Smb2Header.Bytes + fixedBytes || (long)offset + length > message.Length) return false;
        buffer = message.Slice((int)offset, (int)length);
        return true;
    }
}
