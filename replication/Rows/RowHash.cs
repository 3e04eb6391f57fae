using System.Buffers.Binary;

namespace Gateway.Replication.Rows;

/// <summary>
/// Hash of one row. The set hash of a store is the wrapping sum of the hashes of its rows, so that it does not depend
/// on order and one change costs one subtraction and one addition.
/// </summary>
/// <remarks>
/// Part of the journal format (state hash entries and checkpoint manifests carry sums of it): it must never change.
/// It is no cryptographic hash; it finds divergence, not malice. Multiply-and-fold over 16-byte blocks.
/// </remarks>
public static class RowHash
{
    private const ulong KeySeed = 0xA0761D6478BD642F;
    private const ulong ValueSeed = 0xE7037ED1A0B428DB;
    private const ulong Fold = 0x8EBC6AF09C88C6E3;

    public static ulong Of(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value) =>
        Mix(Bytes(key, KeySeed), Bytes(value, ValueSeed) ^ Fold);

    /// <summary>Hash of the key alone, for tables in memory.</summary>
    internal static ulong OfKey(ReadOnlySpan<byte> key) => Bytes(key, KeySeed);

    private static ulong Bytes(ReadOnlySpan<byte> bytes, ulong seed)
    {
        unchecked
        {
            var hash = seed ^ (ulong)bytes.Length;
            while (bytes.Length >= 16)
            {
                hash = Mix(
                    BinaryPrimitives.ReadUInt64LittleEndian(bytes) ^ hash,
                    BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]) ^ KeySeed);
                bytes = bytes[16..];
            }

            ulong low = 0;
            ulong high = 0;
            if (bytes.Length >= 8)
            {
                low = BinaryPrimitives.ReadUInt64LittleEndian(bytes);
                bytes = bytes[8..];
            }

            for (var i = 0; i < bytes.Length; i++) high |= (ulong)bytes[i] << (8 * i);
            return Mix(low ^ hash ^ ValueSeed, high ^ Fold);
        }
    }

    private static ulong Mix(ulong left, ulong right)
    {
        var high = Math.BigMul(left, right, out var low);
        return high ^ low;
    }
}
