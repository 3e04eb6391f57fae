using System.Buffers.Binary;
using System.Text;
using Gateway.Replication.Rows;
using Gateway.Replication.Slices;

namespace Gateway.Replication.Store;

/// <summary>
/// Rows that belong to the store itself. They live under the key prefix 0x00, which no other mutation may change:
/// <code>
/// 00 'c'                             clock (8) | journal payload bytes so far (8)
/// 00 'k' index (8)                   manifest of the checkpoint at the index
/// 00 'o' nodeBytes (1) node slice    owed: the node lacks a copy of the slice; no value
/// 00 'p' slice part (1)              part of a spilled slice, see SpilledRows
/// 00 's' epoch (8) sequence (8)      live slice: length (4) | crc (4)
/// </code>
/// Numbers in keys are big-endian, so that order is numeric; numbers in values are little-endian.
/// </summary>
public static class SystemRows
{
    public const byte Prefix = 0;

    /// <summary>Longest node identifier, in UTF-8 bytes.</summary>
    public const int NodeBytesMax = 64;

    public const int LiveSliceKeyBytes = 2 + SliceId.Bytes;

    private const byte ClockKind = (byte)'c';
    private const byte CheckpointKind = (byte)'k';
    private const byte OwedKind = (byte)'o';
    private const byte LiveKind = (byte)'s';

    public static ReadOnlySpan<byte> ClockKey => [Prefix, ClockKind];

    public static ReadOnlySpan<byte> CheckpointPrefix => [Prefix, CheckpointKind];

    public static ReadOnlySpan<byte> OwedPrefix => [Prefix, OwedKind];

    public static ReadOnlySpan<byte> LiveSlicePrefix => [Prefix, LiveKind];

    public static bool IsSystem(ReadOnlySpan<byte> key) => key.Length > 0 && key[0] == Prefix;

    /// <summary>Writes the 18-byte key of a live slice.</summary>
    public static void WriteLiveSliceKey(SliceId slice, Span<byte> key)
    {
        LiveSlicePrefix.CopyTo(key);
        WriteSliceId(slice, key[2..]);
    }

    /// <summary>Writes the 8-byte value of a live slice.</summary>
    public static void WriteLiveSliceValue(SliceRef slice, Span<byte> value)
    {
        BinaryPrimitives.WriteInt32LittleEndian(value, slice.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(value[4..], slice.Crc32C);
    }

    public static bool TryReadLiveSlice(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value, out SliceRef slice)
    {
        slice = default;
        if (!TryReadLiveSliceKey(key, out var id) || value.Length != 8) return false;
        slice = new SliceRef(
            id, BinaryPrimitives.ReadInt32LittleEndian(value), BinaryPrimitives.ReadUInt32LittleEndian(value[4..]));
        return true;
    }

    public static bool TryReadLiveSliceKey(ReadOnlySpan<byte> key, out SliceId slice)
    {
        slice = default;
        if (key.Length != LiveSliceKeyBytes || !key.StartsWith(LiveSlicePrefix)) return false;
        slice = ReadSliceId(key[2..]);
        return true;
    }

    /// <summary>Finds a slice that rows refer to; false when none does (any more).</summary>
    public static bool TryFindLiveSlice(IRowReader rows, SliceId id, out SliceRef slice)
    {
        Span<byte> key = stackalloc byte[LiveSliceKeyBytes];
        WriteLiveSliceKey(id, key);
        slice = default;
        return rows.TryGet(key, out var value) && TryReadLiveSlice(key, value, out slice);
    }

    /// <summary>
    /// Copies live slices behind <paramref name="after"/> in ascending order; the count copied, 0 at the end.
    /// </summary>
    public static int ReadLiveSlices(IRowReader rows, SliceId? after, Span<SliceRef> destination)
    {
        Span<byte> key = stackalloc byte[LiveSliceKeyBytes];
        WriteLiveSliceKey(after ?? default, key);
        using var cursor = rows.OpenCursor();
        var count = 0;
        for (var found = cursor.Seek(key); found && count < destination.Length; found = cursor.MoveNext())
        {
            if (!TryReadLiveSlice(cursor.Key, cursor.Value, out var slice)) break;
            if (slice.Id != after) destination[count++] = slice;
        }

        return count;
    }

    public static byte[] OwedKey(string node, SliceId slice)
    {
        var nodeBytes = Encoding.UTF8.GetByteCount(node);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(nodeBytes, NodeBytesMax, nameof(node));
        var key = new byte[3 + nodeBytes + SliceId.Bytes];
        OwedPrefix.CopyTo(key);
        key[2] = (byte)nodeBytes;
        Encoding.UTF8.GetBytes(node, key.AsSpan(3));
        WriteSliceId(slice, key.AsSpan(3 + nodeBytes));
        return key;
    }

    public static bool TryReadOwed(ReadOnlySpan<byte> key, out string node, out SliceId slice)
    {
        node = "";
        slice = default;
        if (key.Length < 3 || !key.StartsWith(OwedPrefix) || key.Length != 3 + key[2] + SliceId.Bytes) return false;
        node = Encoding.UTF8.GetString(key.Slice(3, key[2]));
        slice = ReadSliceId(key[(3 + key[2])..]);
        return true;
    }

    /// <summary>Up to <paramref name="countMax"/> owed slices of all nodes, in key order.</summary>
    public static List<(string Node, SliceId Slice)> ReadOwed(IRowReader rows, int countMax)
    {
        var owed = new List<(string Node, SliceId Slice)>();
        using var cursor = rows.OpenCursor();
        for (var found = cursor.Seek(OwedPrefix); found && owed.Count < countMax; found = cursor.MoveNext())
        {
            if (!TryReadOwed(cursor.Key, out var node, out var slice)) break;
            owed.Add((node, slice));
        }

        return owed;
    }

    public static byte[] CheckpointKey(ulong index)
    {
        var key = new byte[10];
        CheckpointPrefix.CopyTo(key);
        BinaryPrimitives.WriteUInt64BigEndian(key.AsSpan(2), index);
        return key;
    }

    /// <summary>Reads the record clock and the sum of all transaction payload bytes; zeros before the first.</summary>
    public static (long ClockNanoseconds, long JournalBytes) ReadClock(IRowReader rows)
    {
        if (!rows.TryGet(ClockKey, out var value) || value.Length != 16) return default;
        return (BinaryPrimitives.ReadInt64LittleEndian(value), BinaryPrimitives.ReadInt64LittleEndian(value[8..]));
    }

    internal static void WriteClock(Span<byte> value, long clockNanoseconds, long journalBytes)
    {
        BinaryPrimitives.WriteInt64LittleEndian(value, clockNanoseconds);
        BinaryPrimitives.WriteInt64LittleEndian(value[8..], journalBytes);
    }

    private static void WriteSliceId(SliceId slice, Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64BigEndian(destination, slice.Epoch);
        BinaryPrimitives.WriteUInt64BigEndian(destination[8..], slice.Sequence);
    }

    private static SliceId ReadSliceId(ReadOnlySpan<byte> source) => new(
        BinaryPrimitives.ReadUInt64BigEndian(source), BinaryPrimitives.ReadUInt64BigEndian(source[8..]));
}
