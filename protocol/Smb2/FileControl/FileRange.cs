using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2.FileControl;

/// <summary>
/// A part of a file: FILE_ALLOCATED_RANGE_BUFFER of QUERY_ALLOCATED_RANGES, asked for and answered (MS-FSCC 2.3.52), and
/// FILE_LEVEL_TRIM_RANGE (2.3.13.1).
/// </summary>
public readonly record struct FileRange(long Offset, long Length)
{
    public const int Bytes = 16;

    /// <summary>Reads 16 bytes; the caller has checked that they are there.</summary>
    public static FileRange Read(ReadOnlySpan<byte> source) =>
        new(BinaryPrimitives.ReadInt64LittleEndian(source), BinaryPrimitives.ReadInt64LittleEndian(source[8..]));

    public static bool TryParse(ReadOnlySpan<byte> input, out FileRange range)
    {
        range = default;
        if (input.Length < Bytes) return false;
        range = Read(input);
        return true;
    }

    public void Write(Span<byte> output)
    {
        BinaryPrimitives.WriteInt64LittleEndian(output, Offset);
        BinaryPrimitives.WriteInt64LittleEndian(output[8..], Length);
    }
}

/// <summary>FILE_ZERO_DATA_INFORMATION, MS-FSCC 2.3.71: a range by its ends.</summary>
public readonly record struct ZeroRange(long Start, long End)
{
    public const int Bytes = 16;

    public static bool TryParse(ReadOnlySpan<byte> input, out ZeroRange range)
    {
        range = default;
        if (input.Length < Bytes) return false;
        range = new ZeroRange(BinaryPrimitives.ReadInt64LittleEndian(input), BinaryPrimitives.ReadInt64LittleEndian(input[8..]));
        return true;
    }

    public void Write(Span<byte> input)
    {
        BinaryPrimitives.WriteInt64LittleEndian(input, Start);
        BinaryPrimitives.WriteInt64LittleEndian(input[8..], End);
    }
}

/// <summary>FILE_LEVEL_TRIM, MS-FSCC 2.3.13. A view of the input.</summary>
/// <remarks>
/// <code>
/// 0 Key   4 NumRanges   8 Ranges (16 bytes each)
/// </code>
/// The output is the number of ranges done.
/// </remarks>
public readonly ref struct TrimRequest
{
    /// <summary>Bytes of the output.</summary>
    public const int OutputBytes = 4;

    private const int FixedBytes = 8;

    private readonly ReadOnlySpan<byte> _ranges;

    private TrimRequest(ReadOnlySpan<byte> ranges) => _ranges = ranges;

    public int Count => _ranges.Length / FileRange.Bytes;

    /// <summary>False without ranges, or when not all are there.</summary>
    public static bool TryParse(ReadOnlySpan<byte> input, out TrimRequest request)
    {
        request = default;
        if (input.Length < FixedBytes) return false;

        var rangesBytes = BinaryPrimitives.ReadUInt32LittleEndian(input[4..]) * (long)FileRange.Bytes;
        if (rangesBytes == 0 || rangesBytes > input.Length - FixedBytes) return false;

        request = new TrimRequest(input.Slice(FixedBytes, (int)rangesBytes));
        return true;
    }

    public FileRange[] ToArray()
    {
        var ranges = new FileRange[Count];
        for (var index = 0; index < ranges.Length; index++) ranges[index] = FileRange.Read(_ranges[(index * FileRange.Bytes)..]);
        return ranges;
    }

    /// <summary>Writes an input; gives its length.</summary>
    public static int Write(Span<byte> input, ReadOnlySpan<FileRange> ranges)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(input, 0);
        BinaryPrimitives.WriteUInt32LittleEndian(input[4..], (uint)ranges.Length);
        for (var index = 0; index < ranges.Length; index++) ranges[index].Write(input[(FixedBytes + index * FileRange.Bytes)..]);
        return FixedBytes + ranges.Length * FileRange.Bytes;
    }
}
