using System.Buffers.Binary;
using Gateway.Replication.Checksums;

namespace Gateway.Replication.Wire;

/// <summary>The fixed part before every frame of a node link, all little-endian.</summary>
/// <remarks>
/// <code>
///  0 headBytes (4) | 4 crc (4) | 8 requestId (8) | 16 kind (2) | 18 reserved = 0 (2)
/// 20 payloadBytes (4) | 24 payloadCrc (4) | 28 reserved = 0 (4) | 32 head ... | payload ...
/// </code>
/// <c>crc</c> is the CRC-32C of the header with this field zero, and of the head. The payload (a slice's bytes)
/// has its own checksum, which for a slice is the one computed when the bytes came from the client:
/// it is not computed again to send it, and covers the way from end to end.
/// </remarks>
public readonly record struct FrameHeader(
    int HeadBytes, uint Crc, ulong RequestId, FrameKind Kind, int PayloadBytes, uint PayloadCrc)
{
    public const int Bytes = 32;

    public static bool TryRead(ReadOnlySpan<byte> source, out FrameHeader header)
    {
        header = new FrameHeader(
            BinaryPrimitives.ReadInt32LittleEndian(source),
            BinaryPrimitives.ReadUInt32LittleEndian(source[4..]),
            BinaryPrimitives.ReadUInt64LittleEndian(source[8..]),
            (FrameKind)BinaryPrimitives.ReadUInt16LittleEndian(source[16..]),
            BinaryPrimitives.ReadInt32LittleEndian(source[20..]),
            BinaryPrimitives.ReadUInt32LittleEndian(source[24..]));
        return BinaryPrimitives.ReadUInt16LittleEndian(source[18..]) == 0
            && BinaryPrimitives.ReadUInt32LittleEndian(source[28..]) == 0;
    }

    /// <exception cref="WireViolationException">Its lengths are out of bounds.</exception>
    public void Check(int headBytesMax)
    {
        if (HeadBytes < 0 || HeadBytes > headBytesMax) throw new WireViolationException($"a head of {HeadBytes} bytes");
        if (PayloadBytes is < 0 or > FrameLimits.PayloadBytesMax)
            throw new WireViolationException($"a payload of {PayloadBytes} bytes");
    }

    /// <summary>Fills the header in front of a head that is already in place, and seals both.</summary>
    public static void Seal(
        Span<byte> headerAndHead, ulong requestId, FrameKind kind, int payloadBytes, uint payloadCrc)
    {
        var header = headerAndHead[..Bytes];
        header.Clear();
        BinaryPrimitives.WriteInt32LittleEndian(header, headerAndHead.Length - Bytes);
        BinaryPrimitives.WriteUInt64LittleEndian(header[8..], requestId);
        BinaryPrimitives.WriteUInt16LittleEndian(header[16..], (ushort)kind);
        BinaryPrimitives.WriteInt32LittleEndian(header[20..], payloadBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(header[24..], payloadCrc);
        BinaryPrimitives.WriteUInt32LittleEndian(header[4..], Crc32C.Compute(headerAndHead));
    }

    /// <summary>The checksum a received header and head must carry.</summary>
    public static uint ComputeCrc(ReadOnlySpan<byte> header, ReadOnlySpan<byte> head)
    {
        Span<byte> cleared = stackalloc byte[Bytes];
        header[..Bytes].CopyTo(cleared);
        cleared.Slice(4, 4).Clear();
        return Crc32C.Append(Crc32C.Compute(cleared), head);
    }
}
