namespace Gateway.Replication.Checksums;

/// <summary>
/// The CRC-32C of joined runs of bytes from the checksum of each, without the bytes: a reader that knows the checksum
/// of a whole slice can tell whether the checksums of its blocks are the true ones.
/// </summary>
public static class Crc32CSum
{
    private const uint Polynomial = 0x82F63B78;

    // x^(2^n) modulo the polynomial, bit-reflected.
    private static readonly uint[] Powers = CreatePowers();

    /// <summary>
    /// The checksum of two runs of bytes; <paramref name="secondBytes"/> is the length of the second.
    /// </summary>
    public static uint Join(uint first, uint second, long secondBytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(secondBytes);
        return Multiply(PowerOfBytes(secondBytes), first) ^ second;
    }

    /// <summary>The checksum of blocks of equal length, the last of which may be shorter.</summary>
    public static uint JoinBlocks(ReadOnlySpan<uint> blocks, int blockBytes, long totalBytes)
    {
        var power = PowerOfBytes(blockBytes);
        uint sum = 0;
        for (var at = 0; at < blocks.Length; at++)
        {
            var left = totalBytes - (long)at * blockBytes;
            sum = Multiply(left >= blockBytes ? power : PowerOfBytes(left), sum) ^ blocks[at];
        }

        return sum;
    }

    private static uint[] CreatePowers()
    {
        var powers = new uint[32];
        powers[0] = 1u << 30;
        for (var n = 1; n < powers.Length; n++) powers[n] = Multiply(powers[n - 1], powers[n - 1]);
        return powers;
    }

    private static uint PowerOfBytes(long bytes)
    {
        // Eight bits a byte: the first is x^8, the fourth of the table. The powers repeat after 2^32 - 1 bits.
        var product = 1u << 31;
        for (var n = 3; bytes != 0; bytes >>= 1, n++)
        {
            if ((bytes & 1) != 0) product = Multiply(Powers[n & 31], product);
        }

        return product;
    }

    private static uint Multiply(uint a, uint b)
    {
        uint product = 0;
        for (var mask = 1u << 31; mask != 0; mask >>= 1)
        {
            if ((a & mask) != 0) product ^= b;
            b = (b & 1) != 0 ? b >> 1 ^ Polynomial : b >> 1;
        }

        return product;
    }
}
