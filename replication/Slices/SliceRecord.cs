using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Gateway.Replication.Checksums;

namespace Gateway.Replication.Slices;

internal enum SliceRecordKind : byte
{
    /// <summary>A slice: its header in one block, its data behind it.</summary>
    Slice = 1,

    /// <summary>Ids of discarded slices, in the header block; no data.</summary>
    Discards = 2,
}

/// <summary>
/// The first 4 KiB of a record: identity, and the CRC-32C of each 32 KiB block of the data or the discarded ids.
/// </summary>
internal readonly record struct SliceRecord
{
    public const int HeaderBytes = SliceFormat.BlockBytes;
    public const int DiscardsMax = (HeaderBytes - FixedBytes - 4) / SliceId.Bytes;

    private const uint Magic = 0x31_52_53_4E; // "NSR1"
    private const int FixedBytes = 80;

    public required SliceRecordKind Kind { get; init; }

    /// <summary>Sequence of the segment; a record of another one is no record.</summary>
    public required uint Segment { get; init; }

    public required long Offset { get; init; }

    /// <summary>The segment was flushed up to here before this record was written: what lies before it was acknowledged.</summary>
    public required long DurableEnd { get; init; }

    public Guid Volume { get; init; }

    public SliceRef Slice { get; init; }

    /// <summary>Blocks of a slice, or discarded ids.</summary>
    public int Count { get; init; }

    public long End => Offset + HeaderBytes + SliceFormat.AlignUp(Kind == SliceRecordKind.Slice ? Slice.Length : 0);

    public static int BlocksOf(int length) => (length + SliceLimits.BlockBytes - 1) / SliceLimits.BlockBytes;

    public static void ComputeBlockCrcs(ReadOnlySpan<byte> data, Span<uint> crcs)
    {
        for (var block = 0; !data.IsEmpty; block++)
        {
            var count = Math.Min(data.Length, SliceLimits.BlockBytes);
            crcs[block] = Crc32C.Compute(data[..count]);
            data = data[count..];
        }
    }

    /// <summary>Writes the whole header block; the array follows the fixed part.</summary>
    public void Write(Span<byte> to, ReadOnlySpan<byte> array)
    {
        to = to[..HeaderBytes];
        to.Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(to, Magic);
        to[4] = (byte)Kind;
        to[5] = SliceFormat.Version;
        BinaryPrimitives.WriteUInt32LittleEndian(to[8..], Segment);
        BinaryPrimitives.WriteInt32LittleEndian(to[12..], Count);
        BinaryPrimitives.WriteInt64LittleEndian(to[16..], Offset);
        BinaryPrimitives.WriteInt64LittleEndian(to[24..], DurableEnd);
        Volume.TryWriteBytes(to[32..]);
        Slice.Write(to[48..]);
        array.CopyTo(to[FixedBytes..]);
        BinaryPrimitives.WriteUInt32LittleEndian(to[(HeaderBytes - 4)..], Crc32C.Compute(to[..(HeaderBytes - 4)]));
    }

    /// <summary>False when the block is no record of this segment at this offset.</summary>
    public static bool TryRead(ReadOnlySpan<byte> from, uint segment, long offset, out SliceRecord record)
    {
        record = default;
        if (from.Length < HeaderBytes
            || BinaryPrimitives.ReadUInt32LittleEndian(from) != Magic
            || from[5] != SliceFormat.Version
            || BinaryPrimitives.ReadUInt32LittleEndian(from[8..]) != segment
            || BinaryPrimitives.ReadInt64LittleEndian(from[16..]) != offset
            || BinaryPrimitives.ReadUInt32LittleEndian(from[(HeaderBytes - 4)..])
                != Crc32C.Compute(from[..(HeaderBytes - 4)]))
        {
            return false;
        }

        record = new SliceRecord
        {
            Kind = (SliceRecordKind)from[4],
            Segment = segment,
            Offset = offset,
            Count = BinaryPrimitives.ReadInt32LittleEndian(from[12..]),
            DurableEnd = BinaryPrimitives.ReadInt64LittleEndian(from[24..]),
            Volume = new Guid(from.Slice(32, 16)),
            Slice = SliceRef.Read(from[48..]),
        };
        return record.IsSane;
    }

    public static ReadOnlySpan<uint> BlockCrcs(ReadOnlySpan<byte> header, int count) =>
        MemoryMarshal.Cast<byte, uint>(header.Slice(FixedBytes, count * sizeof(uint)));

    public static SliceId DiscardedId(ReadOnlySpan<byte> header, int at)
    {
        var from = header[(FixedBytes + at * SliceId.Bytes)..];
        return new SliceId(
            BinaryPrimitives.ReadUInt64LittleEndian(from), BinaryPrimitives.ReadUInt64LittleEndian(from[8..]));
    }

    public static void WriteDiscardedId(Span<byte> array, int at, SliceId id)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(array[(at * SliceId.Bytes)..], id.Epoch);
        BinaryPrimitives.WriteUInt64LittleEndian(array[(at * SliceId.Bytes + 8)..], id.Sequence);
    }

    private bool IsSane => Kind switch
    {
        SliceRecordKind.Slice => Slice.Length is > 0 and <= SliceLimits.BytesMax && Count == BlocksOf(Slice.Length),
        SliceRecordKind.Discards => Count is > 0 and <= DiscardsMax,
        _ => false,
    };
}
