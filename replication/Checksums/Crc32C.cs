using System.Buffers.Binary;
using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Gateway.Replication.Checksums;

/// <summary>CRC-32C (Castagnoli, RFC 3720 appendix B.4), the one checksum of disks, links and slices.</summary>
/// <remarks>
/// Long inputs run as three interleaved streams, because the processor's instruction has a latency of three cycles
/// and a throughput of one; the streams are joined by a table that advances a register over a block of zeros.
/// </remarks>
public static class Crc32C
{
    private const int LongBlockBytes = 2048;
    private const int ShortBlockBytes = 256;

    private static readonly uint[] LongShift = BuildShift(LongBlockBytes);
    private static readonly uint[] ShortShift = BuildShift(ShortBlockBytes);

    public static uint Compute(ReadOnlySpan<byte> data) => Append(0, data);

    /// <summary>The CRC of earlier bytes followed by these; start with 0.</summary>
    public static uint Append(uint crc, ReadOnlySpan<byte> data)
    {
        var register = ~crc;
        register = AppendBlocks(register, ref data, LongBlockBytes, LongShift);
        register = AppendBlocks(register, ref data, ShortBlockBytes, ShortShift);

        while (data.Length >= sizeof(ulong))
        {
            register = BitOperations.Crc32C(register, BinaryPrimitives.ReadUInt64LittleEndian(data));
            data = data[sizeof(ulong)..];
        }

        foreach (var value in data) register = BitOperations.Crc32C(register, value);
        return ~register;
    }

    private static uint AppendBlocks(uint register, ref ReadOnlySpan<byte> data, int blockBytes, uint[] shift)
    {
        while (data.Length >= 3 * blockBytes)
        {
            ref var start = ref MemoryMarshal.GetReference(data);
            uint second = 0, third = 0;
            for (var at = 0; at < blockBytes; at += sizeof(ulong))
            {
                register = BitOperations.Crc32C(register, ReadLittleEndian(ref start, at));
                second = BitOperations.Crc32C(second, ReadLittleEndian(ref start, at + blockBytes));
                third = BitOperations.Crc32C(third, ReadLittleEndian(ref start, at + 2 * blockBytes));
            }

            register = Shift(shift, Shift(shift, register) ^ second) ^ third;
            data = data[(3 * blockBytes)..];
        }

        return register;
    }

    private static ulong ReadLittleEndian(ref byte start, int at)
    {
        var value = Unsafe.ReadUnaligned<ulong>(ref Unsafe.Add(ref start, at));
        return BitConverter.IsLittleEndian ? value : BinaryPrimitives.ReverseEndianness(value);
    }

    private static uint Shift(uint[] table, uint register) =>
        table[register & 0xFF] ^ table[256 + (register >> 8 & 0xFF)]
        ^ table[512 + (register >> 16 & 0xFF)] ^ table[768 + (register >> 24)];

    // The register after a block of zeros is linear in the register before it: one table per byte.
    private static uint[] BuildShift(int blockBytes)
    {
        Span<uint> ofBit = stackalloc uint[32];
        for (var bit = 0; bit < 32; bit++)
        {
            var register = 1u << bit;
            for (var at = 0; at < blockBytes; at += sizeof(ulong)) register = BitOperations.Crc32C(register, 0UL);
            ofBit[bit] = register;
        }

        var table = new uint[4 * 256];
        for (var position = 0; position < 4; position++)
        {
            for (var value = 0; value < 256; value++)
            {
                uint sum = 0;
                for (var bit = 0; bit < 8; bit++)
                    if ((value >> bit & 1) != 0) sum ^= ofBit[8 * position + bit];
                table[256 * position + value] = sum;
            }
        }

        return table;
    }
}
