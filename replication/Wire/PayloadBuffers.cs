using Gateway.Replication.Slices;

namespace Gateway.Replication.Wire;

/// <summary>Buffers for the bytes of slices, kept for reuse within a bound.</summary>
public static class PayloadBuffers
{
    /// <summary>Bytes kept for reuse, over all sizes and all links of the process.</summary>
    public const long RetainedBytesMax = 32 << 20;

    private static readonly BufferPool Pool = new(SliceLimits.BytesMax, RetainedBytesMax);

    internal static byte[] Rent(int bytes) => Pool.Rent(bytes);

    internal static void Return(byte[] buffer) => Pool.Return(buffer);
}
