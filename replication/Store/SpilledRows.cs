using System.Buffers.Binary;
using Gateway.Replication.Checksums;
using Gateway.Replication.Rows;
using Gateway.Replication.Slices;

namespace Gateway.Replication.Store;

/// <summary>
/// The rows of a spilled slice: its bytes in parts, which thereby ride in the journal until enough data nodes have it (ADR 18).
/// <code>
/// 00 'p' epoch (8) sequence (8) part (1)   length (4) | crc (4) | CRC-32C of the part (4) | bytes of the part
/// </code>
/// Length and crc are those of the slice, so that each row says all by itself which slice it belongs to. All parts but the
/// last have <see cref="PartBytes"/> bytes.
/// </summary>
public static class SpilledRows
{
    /// <summary>Whole blocks, and with its head a row of no more than 256 KiB, which is a size that buffers are pooled in.</summary>
    public const int PartBytes = 7 * SliceLimits.BlockBytes;

    public const int KeyBytes = 2 + SliceId.Bytes + 1;

    public const int ValueBytesMax = HeadBytes + PartBytes;

    private const byte Kind = (byte)'p';
    private const int HeadBytes = 12;

    /// <summary>Behind every part: the largest slice has 19.</summary>
    private const byte BehindParts = byte.MaxValue;

    public static ReadOnlySpan<byte> KeyPrefix => [SystemRows.Prefix, Kind];

    /// <summary>How many rows a slice of this length becomes.</summary>
    public static int PartsOf(int sliceBytes) => (sliceBytes + PartBytes - 1) / PartBytes;

    public static byte[] Key(SliceId slice, int part)
    {
        var key = new byte[KeyBytes];
        WriteKey(slice, (byte)part, key);
        return key;
    }

    /// <summary>Writes the row of one part; its length.</summary>
    /// <param name="slice">The slice.</param>
    /// <param name="bytes">All its bytes.</param>
    /// <param name="part">Number of the part.</param>
    /// <param name="value">Takes up to <see cref="ValueBytesMax"/> bytes.</param>
    public static int WriteValue(SliceRef slice, ReadOnlySpan<byte> bytes, int part, Span<byte> value)
    {
        var content = bytes.Slice(part * PartBytes, LengthOf(slice.Length, part));
        BinaryPrimitives.WriteInt32LittleEndian(value, slice.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(value[4..], slice.Crc32C);
        BinaryPrimitives.WriteUInt32LittleEndian(value[8..], Crc32C.Compute(content));
        content.CopyTo(value[HeadBytes..]);
        return HeadBytes + content.Length;
    }

    public static bool TryReadKey(ReadOnlySpan<byte> key, out SliceId slice, out int part)
    {
        (slice, part) = (default, 0);
        if (key.Length != KeyBytes || !key.StartsWith(KeyPrefix)) return false;
        slice = new SliceId(
            BinaryPrimitives.ReadUInt64BigEndian(key[2..]), BinaryPrimitives.ReadUInt64BigEndian(key[10..]));
        part = key[^1];
        return true;
    }

    /// <summary>Copies a range of the slice; false when a part of it is missing or does not match its checksum.</summary>
    public static bool TryCopy(IRowReader rows, SliceRef slice, int start, Span<byte> destination)
    {
        for (var done = 0; done < destination.Length;)
        {
            var (part, offset) = int.DivRem(start + done, PartBytes);
            if (!TryReadPart(rows, slice, part, out var bytes)) return false;
            var copied = Math.Min(bytes.Length - offset, destination.Length - done);
            bytes.Slice(offset, copied).CopyTo(destination[done..]);
            done += copied;
        }

        return destination.Length != slice.Length || Crc32C.Compute(destination) == slice.Crc32C;
    }

    /// <summary>True when the slice is spilled.</summary>
    public static bool AreThere(IRowReader rows, SliceId slice) => rows.TryGet(Key(slice, 0), out _);

    /// <summary>True when all parts are there and give the slice.</summary>
    public static bool AreIntact(IRowReader rows, SliceRef slice)
    {
        var crc = 0u;
        for (var part = 0; part < PartsOf(slice.Length); part++)
        {
            if (!TryReadPart(rows, slice, part, out var bytes)) return false;
            crc = Crc32C.Append(crc, bytes);
        }

        return crc == slice.Crc32C;
    }

    /// <summary>The keys of the parts that are there; none when the slice is not spilled.</summary>
    public static List<byte[]> KeysOf(IRowReader rows, SliceId slice)
    {
        var keys = new List<byte[]>();
        using var cursor = rows.OpenCursor();
        for (var found = cursor.Seek(Key(slice, 0)); found; found = cursor.MoveNext())
        {
            if (!TryReadKey(cursor.Key, out var id, out _) || id != slice) break;
            keys.Add(cursor.Key.ToArray());
        }

        return keys;
    }

    /// <summary>
    /// Copies spilled slices behind <paramref name="after"/> in ascending order, those of which only some parts are there
    /// too; the count copied, 0 at the end.
    /// </summary>
    public static int ReadSlices(IRowReader rows, SliceId? after, Span<SliceRef> destination)
    {
        Span<byte> key = stackalloc byte[KeyBytes];
        WriteKey(after ?? default, after is null ? (byte)0 : BehindParts, key);
        using var cursor = rows.OpenCursor();
        var count = 0;
        for (var found = cursor.Seek(key); found && count < destination.Length; found = cursor.Seek(key))
        {
            if (!TryReadKey(cursor.Key, out var id, out _)) break;
            Invariant.Holds(cursor.Value.Length > HeadBytes, "A row of a spilled slice has a head.");
            destination[count++] = new SliceRef(
                id,
                BinaryPrimitives.ReadInt32LittleEndian(cursor.Value),
                BinaryPrimitives.ReadUInt32LittleEndian(cursor.Value[4..]));
            WriteKey(id, BehindParts, key);
        }

        return count;
    }

    private static bool TryReadPart(IRowReader rows, SliceRef slice, int part, out ReadOnlySpan<byte> bytes)
    {
        bytes = default;
        if (!rows.TryGet(Key(slice.Id, part), out var value)
            || value.Length != HeadBytes + LengthOf(slice.Length, part)
            || BinaryPrimitives.ReadInt32LittleEndian(value) != slice.Length
            || BinaryPrimitives.ReadUInt32LittleEndian(value[4..]) != slice.Crc32C
            || BinaryPrimitives.ReadUInt32LittleEndian(value[8..]) != Crc32C.Compute(value[HeadBytes..]))
        {
            return false;
        }

        bytes = value[HeadBytes..];
        return true;
    }

    private static int LengthOf(int sliceBytes, int part) => Math.Min(PartBytes, sliceBytes - part * PartBytes);

    private static void WriteKey(SliceId slice, byte part, Span<byte> key)
    {
        KeyPrefix.CopyTo(key);
        BinaryPrimitives.WriteUInt64BigEndian(key[2..], slice.Epoch);
        BinaryPrimitives.WriteUInt64BigEndian(key[10..], slice.Sequence);
        key[^1] = part;
    }
}
