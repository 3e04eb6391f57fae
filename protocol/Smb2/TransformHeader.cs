using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2;

/// <summary>SMB2 TRANSFORM_HEADER, MS-SMB2 2.2.41: what stands before an encrypted message.</summary>
/// <remarks>
/// <code>
///  0 ProtocolId FD 'S' 'M' 'B'   4 Signature (16)   20 Nonce (16)   36 OriginalMessageSize   40 Reserved
/// 42 Flags | EncryptionAlgorithm 44 SessionId
/// </code>
/// </remarks>
public readonly record struct TransformHeader(uint OriginalMessageBytes, ushort Flags, ulong SessionId)
{
    public const int Bytes = 52;

    /// <summary>FD 'S' 'M' 'B' read as a little-endian number.</summary>
    public const uint ProtocolId = 0x424D53FD;

    /// <summary>The only flag, and in 3.0 and 3.0.2 the number of the only algorithm.</summary>
    public const ushort Encrypted = 1;

    /// <summary>Parses the header of a frame; false when the frame cannot be one with a message in it.</summary>
    public static bool TryParse(ReadOnlySpan<byte> frame, out TransformHeader header)
    {
        header = default;
        if (frame.Length < Bytes || BinaryPrimitives.ReadUInt32LittleEndian(frame) != ProtocolId) return false;

        header = new TransformHeader(
            BinaryPrimitives.ReadUInt32LittleEndian(frame[36..]),
            BinaryPrimitives.ReadUInt16LittleEndian(frame[42..]),
            BinaryPrimitives.ReadUInt64LittleEndian(frame[44..]));
        return header.Flags == Encrypted && header.OriginalMessageBytes == (uint)(frame.Length - Bytes);
    }
}
