using System.Buffers.Binary;
using System.Globalization;
using Gateway.Replication.Checksums;

namespace Gateway.Replication.Journal;

/// <summary>
/// Layout of a segment file, version 1 (docs/journal-format.md): a header block, the identifier table, and groups
/// on 4 KiB boundaries. All numbers are little-endian.
/// </summary>
internal static class JournalFormat
{
    public const byte Version = 1;
    public const int BlockBytes = 4096;
    public const int SectorBytes = 512;

    /// <summary>Two copies of the header, in different sectors of the first block.</summary>
    public const int HeaderBytes = 64;
    public const int SecondHeaderOffset = 2048;

    private const ulong Magic = 0x31_47_45_53_4A_47_4E; // "NGJSEG1"

    /// <summary>Every group takes at least one block, so one identifier per block is enough.</summary>
    public static int TableBytes(long segmentBytes) =>
        (int)AlignUp(segmentBytes / BlockBytes * GroupHeader.Bytes);

    public static int DataOffset(long segmentBytes) => BlockBytes + TableBytes(segmentBytes);

    public static long AlignUp(long bytes) => (bytes + BlockBytes - 1) & -BlockBytes;

    public static string SegmentName(string log, ulong sequence) =>
        string.Create(CultureInfo.InvariantCulture, $"{log}-{sequence:x16}.segment");

    public static string SpareName(string log) => $"{log}-spare.new";

    public static bool TryParseName(string log, string name, out ulong sequence)
    {
        sequence = 0;
        return name.Length == log.Length + 1 + 16 + 8
            && name.StartsWith(log, StringComparison.Ordinal) && name[log.Length] == '-'
            && name.EndsWith(".segment", StringComparison.Ordinal)
            && ulong.TryParse(
                name.AsSpan(log.Length + 1, 16), NumberStyles.AllowHexSpecifier, CultureInfo.InvariantCulture, out sequence);
    }

    public static void WriteHeader(Span<byte> destination, ulong sequence, long segmentBytes)
    {
        destination[..HeaderBytes].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(destination, Magic);
        destination[8] = Version;
        BinaryPrimitives.WriteUInt64LittleEndian(destination[16..], sequence);
        BinaryPrimitives.WriteInt64LittleEndian(destination[24..], segmentBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[60..], Crc32C.Compute(destination[..60]));
    }

    public static bool IsHeader(ReadOnlySpan<byte> source, ulong sequence, long segmentBytes) =>
        BinaryPrimitives.ReadUInt32LittleEndian(source[60..]) == Crc32C.Compute(source[..60])
        && BinaryPrimitives.ReadUInt64LittleEndian(source) == Magic
        && source[8] == Version
        && BinaryPrimitives.ReadUInt64LittleEndian(source[16..]) == sequence
        && BinaryPrimitives.ReadInt64LittleEndian(source[24..]) == segmentBytes;

    public static bool IsZero(ReadOnlySpan<byte> bytes) => bytes.IndexOfAnyExcept((byte)0) < 0;

    /// <summary>Sectors that hold nothing but zeros. Lost writes add to them; rot does not.</summary>
    public static int CountZeroSectors(ReadOnlySpan<byte> bytes)
    {
        var count = 0;
        for (; !bytes.IsEmpty; bytes = bytes[Math.Min(SectorBytes, bytes.Length)..])
        {
            if (IsZero(bytes[..Math.Min(SectorBytes, bytes.Length)])) count++;
        }

        return count;
    }
}
