using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Gateway.Replication.Rows;

/// <summary>
/// What is stored beside the rows, in the same transaction: format (8), index, epoch, chain, count, set hash. Its key
/// is longer than a row's may be and sorts behind all of them.
/// </summary>
internal readonly record struct LmdbMeta(AppliedPosition Position, long Count, ulong SetHash)
{
    public const int Bytes = 48;
    public const int KeyBytes = RowLimits.KeyBytesMax + 1;

    private const ulong Format = 1;

    /// <summary>Unmanaged and never freed: one per process.</summary>
    private static readonly nint KeyData = AllocateKey();

    public static unsafe Lmdb.Bytes Key => new((void*)KeyData, KeyBytes);

    public static unsafe bool TryRead(nint transaction, uint table, out LmdbMeta meta)
    {
        meta = default;
        var key = Key;
        Lmdb.Bytes value;
        var result = Lmdb.Get(transaction, table, &key, &value);
        if (result == Lmdb.NotFound) return true;
        Lmdb.Check(result, "get");
        return value.Length == Bytes && TryRead(value.Span, out meta);
    }

    public unsafe void Write(nint transaction, uint table)
    {
        Span<byte> bytes = stackalloc byte[Bytes];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, Format);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[8..], Position.Index);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[16..], Position.Epoch);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[24..], Position.Chain);
        BinaryPrimitives.WriteInt64LittleEndian(bytes[32..], Count);
        BinaryPrimitives.WriteUInt64LittleEndian(bytes[40..], SetHash);
        fixed (byte* data = bytes)
        {
            var key = Key;
            var value = new Lmdb.Bytes(data, Bytes);
            Lmdb.Check(Lmdb.Put(transaction, table, &key, &value, 0), "put");
        }
    }

    private static bool TryRead(ReadOnlySpan<byte> bytes, out LmdbMeta meta)
    {
        meta = new LmdbMeta(
            new AppliedPosition(
                BinaryPrimitives.ReadUInt64LittleEndian(bytes[8..]),
                BinaryPrimitives.ReadUInt64LittleEndian(bytes[16..]),
                BinaryPrimitives.ReadUInt64LittleEndian(bytes[24..])),
            BinaryPrimitives.ReadInt64LittleEndian(bytes[32..]),
            BinaryPrimitives.ReadUInt64LittleEndian(bytes[40..]));
        return BinaryPrimitives.ReadUInt64LittleEndian(bytes) == Format;
    }

    private static unsafe nint AllocateKey()
    {
        var key = NativeMemory.Alloc(KeyBytes);
        new Span<byte>(key, KeyBytes).Fill(0xFF);
        return (nint)key;
    }
}
