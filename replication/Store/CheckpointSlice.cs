using System.Buffers.Binary;
using Gateway.Replication.Checksums;
using Gateway.Replication.Rows;
using Gateway.Replication.Slices;

namespace Gateway.Replication.Store;

/// <summary>
/// One slice of a checkpoint: <c>magic (4) | version (4) | batch bytes (4) | CRC-32C of the batch (4) | row batch of
/// puts</c>,
/// whole rows in key order.
/// </summary>
internal sealed class CheckpointSlice
{
    private const uint Magic = 0x4B50434E;
    private const uint Version = 1;
    private const int HeadBytes = 16;

    private readonly byte[] _bytes = GC.AllocateUninitializedArray<byte>(SliceLimits.BytesMax);

    public int Length { get; private set; } = HeadBytes;

    public bool IsEmpty => Length == HeadBytes;

    /// <summary>False when the row does not fit any more.</summary>
    public bool TryAdd(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (Length + RowBatchWriter.EncodedBytesMax(key.Length, value.Length) > _bytes.Length) return false;
        var keyAt = RowBatchWriter.Encode(_bytes.AsSpan(Length), RowChange.Put, key, value);
        Length += keyAt + key.Length + value.Length;
        return true;
    }

    public ReadOnlyMemory<byte> Finish()
    {
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes, Magic);
        BinaryPrimitives.WriteUInt32LittleEndian(_bytes.AsSpan(4), Version);
        BinaryPrimitives.WriteInt32LittleEndian(_bytes.AsSpan(8), Length - HeadBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(
            _bytes.AsSpan(12), Crc32C.Compute(_bytes.AsSpan(HeadBytes, Length - HeadBytes)));
        return _bytes.AsMemory(0, Length);
    }

    public void Clear() => Length = HeadBytes;

    public static bool TryRead(ReadOnlySpan<byte> slice, out RowBatchReader rows)
    {
        rows = default;
        if (slice.Length < HeadBytes
            || BinaryPrimitives.ReadUInt32LittleEndian(slice) != Magic
            || BinaryPrimitives.ReadUInt32LittleEndian(slice[4..]) != Version
            || BinaryPrimitives.ReadInt32LittleEndian(slice[8..]) != slice.Length - HeadBytes
            || BinaryPrimitives.ReadUInt32LittleEndian(slice[12..]) != Crc32C.Compute(slice[HeadBytes..]))
        {
            return false;
        }

        rows = new RowBatchReader(slice[HeadBytes..]);
        return true;
    }
}
