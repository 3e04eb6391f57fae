using System.Buffers.Binary;

namespace Gateway.Replication.Slices;

/// <summary>
/// Identity of a slice: the epoch of the owner that wrote it and a number dense within that epoch.
/// Never reused (PROTOCOL I10).
/// </summary>
public readonly record struct SliceId(ulong Epoch, ulong Sequence) : IComparable<SliceId>
{
    public const int Bytes = 16;

    public int CompareTo(SliceId other) =>
        Epoch != other.Epoch ? Epoch.CompareTo(other.Epoch) : Sequence.CompareTo(other.Sequence);

    public static bool operator <(SliceId left, SliceId right) => left.CompareTo(right) < 0;

    public static bool operator >(SliceId left, SliceId right) => left.CompareTo(right) > 0;

    public static bool operator <=(SliceId left, SliceId right) => left.CompareTo(right) <= 0;

    public static bool operator >=(SliceId left, SliceId right) => left.CompareTo(right) >= 0;

    public override string ToString() => $"{Epoch}.{Sequence}";
}

/// <summary>What a row needs to know of a slice: identity, length and the CRC-32C of all its bytes.</summary>
public readonly record struct SliceRef(SliceId Id, int Length, uint Crc32C)
{
    public const int Bytes = SliceId.Bytes + 8;

    /// <summary>Writes the 24-byte row form: epoch, sequence, length, crc, all little-endian.</summary>
    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(destination, Id.Epoch);
        BinaryPrimitives.WriteUInt64LittleEndian(destination[8..], Id.Sequence);
        BinaryPrimitives.WriteInt32LittleEndian(destination[16..], Length);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[20..], Crc32C);
    }

    public static SliceRef Read(ReadOnlySpan<byte> source) => new(
        new SliceId(BinaryPrimitives.ReadUInt64LittleEndian(source), BinaryPrimitives.ReadUInt64LittleEndian(source[8..])),
        BinaryPrimitives.ReadInt32LittleEndian(source[16..]),
        BinaryPrimitives.ReadUInt32LittleEndian(source[20..]));
}

public static class SliceLimits
{
    /// <summary>Largest slice.</summary>
    public const int BytesMax = 4 << 20;

    /// <summary>Each block of a slice has its own CRC-32C in the slice's header on the node.</summary>
    public const int BlockBytes = 32 << 10;
}
