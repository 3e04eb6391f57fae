using System.Buffers.Binary;
using Gateway.Replication.Slices;

namespace Gateway.FileSystem.Data;

/// <summary>
/// A piece of a file's content: a range of a slice, or bytes in the row itself. Bytes of a file that no extent covers
/// are zero.
/// </summary>
/// <remarks>
/// <code>
/// key    'C' | inode BE | end BE
/// slice  0x01 0x01 | length LE (4) | slice offset LE (4) | slice reference (24)
/// inline 0x01 0x02 | stamp LE (8) | bytes
/// </code>
/// </remarks>
internal readonly record struct Extent
{
    public const int SliceRowBytes = 2 + 4 + 4 + SliceRef.Bytes;

    public const int InlineHeadBytes = 2 + 8;

    private const byte Version = 1;
    private const byte SliceKind = 1;
    private const byte InlineKind = 2;

    public required long End { get; init; }

    public required int Length { get; init; }

    public bool IsInline { get; init; }

    /// <summary>
    /// Inline only: version of the file's data when it was written, tells it from a rewrite of the same range.
    /// </summary>
    public ulong Stamp { get; init; }

    public SliceRef Slice { get; init; }

    public int SliceOffset { get; init; }

    public long Start => End - Length;

    public static Extent Read(long end, ReadOnlySpan<byte> row)
    {
        if (row.Length >= SliceRowBytes && row[0] == Version && row[1] == SliceKind)
        {
            return new Extent
            {
                End = end,
                Length = BinaryPrimitives.ReadInt32LittleEndian(row[2..]),
                SliceOffset = BinaryPrimitives.ReadInt32LittleEndian(row[6..]),
                Slice = SliceRef.Read(row[10..]),
            };
        }

        if (row.Length > InlineHeadBytes && row[0] == Version && row[1] == InlineKind)
        {
            return new Extent
            {
                End = end,
                Length = row.Length - InlineHeadBytes,
                IsInline = true,
                Stamp = BinaryPrimitives.ReadUInt64LittleEndian(row[2..]),
            };
        }

        throw new InvalidDataException("An extent row is malformed.");
    }

    public void WriteSlice(Span<byte> row)
    {
        row[0] = Version;
        row[1] = SliceKind;
        BinaryPrimitives.WriteInt32LittleEndian(row[2..], Length);
        BinaryPrimitives.WriteInt32LittleEndian(row[6..], SliceOffset);
        Slice.Write(row[10..]);
    }

    public static void WriteInlineHead(Span<byte> row, ulong stamp)
    {
        row[0] = Version;
        row[1] = InlineKind;
        BinaryPrimitives.WriteUInt64LittleEndian(row[2..], stamp);
    }
}
