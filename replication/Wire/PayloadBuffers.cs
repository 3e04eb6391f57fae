using System.Buffers;
using Gateway.Replication.Slices;

namespace Gateway.Replication.Wire;

/// <summary>
/// Buffers for the bytes of slices, kept for reuse within a bound: at most 16 of each size up to a slice's.
/// </summary>
internal static class PayloadBuffers
{
    private const int PerSizeMax = 16;

    private static readonly ArrayPool<byte> Pool = ArrayPool<byte>.Create(SliceLimits.BytesMax, PerSizeMax);

    public static byte[] Rent(int bytes) => Pool.Rent(bytes);

    public static void Return(byte[] buffer) => Pool.Return(buffer);
}
