using System.Buffers.Binary;
using System.Globalization;
using Gateway.Replication.Checksums;

namespace Gateway.Replication.Slices;

/// <summary>
/// Layout of a slice segment, version 1: records on 4 KiB boundaries from offset 0, a footer that lists them when
/// the segment is sealed, and in the last 4 KiB a trailer that finds the footer. All numbers are little-endian.
/// </summary>
internal static class SliceFormat
{
    public const byte Version = 1;
    public const int BlockBytes = 4096;
    public const int FooterEntryBytes = 32;
    public const int TrailerBytes = 64;

    private const uint TrailerMagic = 0x31_54_53_4E; // "NST1"

    public static long AlignUp(long bytes) => (bytes + BlockBytes - 1) & -BlockBytes;

    public static string SegmentName(uint sequence) =>
        string.Create(CultureInfo.InvariantCulture, $"slices-{sequence:x8}.segment");

    public const string PartialName = "slices-new.partial";

    public static bool TryParseName(string name, out uint sequence)
    {
        sequence = 0;
        return name.Length == 23 && name.StartsWith("slices-", StringComparison.Ordinal)
            && name.EndsWith(".segment", StringComparison.Ordinal)
            && uint.TryParse(
                name.AsSpan(7, 8), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out sequence);
    }

    public static void WriteTrailer(Span<byte> to, uint sequence, long footerOffset, int entries, uint footerCrc)
    {
        to[..TrailerBytes].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(to, TrailerMagic);
        BinaryPrimitives.WriteUInt32LittleEndian(to[4..], sequence);
        BinaryPrimitives.WriteInt64LittleEndian(to[8..], footerOffset);
        BinaryPrimitives.WriteInt32LittleEndian(to[16..], entries);
        BinaryPrimitives.WriteUInt32LittleEndian(to[20..], footerCrc);
        BinaryPrimitives.WriteUInt32LittleEndian(to[60..], Crc32C.Compute(to[..60]));
    }

    public static bool TryReadTrailer(
        ReadOnlySpan<byte> from, uint sequence, out long footerOffset, out int entries, out uint footerCrc)
    {
        footerOffset = BinaryPrimitives.ReadInt64LittleEndian(from[8..]);
        entries = BinaryPrimitives.ReadInt32LittleEndian(from[16..]);
        footerCrc = BinaryPrimitives.ReadUInt32LittleEndian(from[20..]);
        return BinaryPrimitives.ReadUInt32LittleEndian(from) == TrailerMagic
            && BinaryPrimitives.ReadUInt32LittleEndian(from[4..]) == sequence
            && BinaryPrimitives.ReadUInt32LittleEndian(from[60..]) == Crc32C.Compute(from[..60]);
    }
}
