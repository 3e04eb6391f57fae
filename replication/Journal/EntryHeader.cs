using System.Buffers.Binary;
using Gateway.Replication.Checksums;

namespace Gateway.Replication.Journal;

/// <summary>The fixed head of an entry in a group; the payload follows it.</summary>
internal readonly record struct EntryHeader(
    ulong Index, ulong Epoch, ulong Chain, JournalEntryType Type, int PayloadBytes, uint PayloadCrc32C)
{
    public const int Bytes = 40;

    public void Write(Span<byte> to)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(to, Index);
        BinaryPrimitives.WriteUInt64LittleEndian(to[8..], Epoch);
        BinaryPrimitives.WriteUInt64LittleEndian(to[16..], Chain);
        BinaryPrimitives.WriteInt32LittleEndian(to[24..], PayloadBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(to[28..], PayloadCrc32C);
        BinaryPrimitives.WriteUInt32LittleEndian(to[32..], (uint)Type);
        BinaryPrimitives.WriteUInt32LittleEndian(to[36..], Crc32C.Compute(to[..36]));
    }

    public static bool TryRead(ReadOnlySpan<byte> from, out EntryHeader header)
    {
        header = default;
        if (from.Length < Bytes || BinaryPrimitives.ReadUInt32LittleEndian(from[36..]) != Crc32C.Compute(from[..36]))
            return false;

        header = new EntryHeader(
            BinaryPrimitives.ReadUInt64LittleEndian(from),
            BinaryPrimitives.ReadUInt64LittleEndian(from[8..]),
            BinaryPrimitives.ReadUInt64LittleEndian(from[16..]),
            (JournalEntryType)(byte)BinaryPrimitives.ReadUInt32LittleEndian(from[32..]),
            BinaryPrimitives.ReadInt32LittleEndian(from[24..]),
            BinaryPrimitives.ReadUInt32LittleEndian(from[28..]));
        return header.PayloadBytes >= 0;
    }

    /// <summary>True when the header is intact and the payload behind it too.</summary>
    public bool HasIntactPayload(ReadOnlySpan<byte> fromHeader) =>
        fromHeader.Length - Bytes >= PayloadBytes
        && Crc32C.Compute(fromHeader.Slice(Bytes, PayloadBytes)) == PayloadCrc32C;
}
