using System.Collections.Concurrent;

namespace Gateway.Nfs.Rpc;

/// <summary>Pooled contiguous buffers for requests and replies, in a few sizes just above the powers of two that NFS uses.</summary>
/// <remarks>
/// ArrayPool would round a 1 MiB WRITE with its header up to 2 MiB. The arrays are pinned for good, so that a
/// socket operation on them costs no handle. Threading: any.
/// </remarks>
internal sealed class RecordBuffers
{
    /// <summary>Bytes kept for reuse; more is left to the collector.</summary>
    public const long RetainedBytesMax = 24 << 20;

    private static readonly int[] Sizes =
        [4 << 10, (16 << 10) + 1024, (64 << 10) + 1024, (256 << 10) + 1024, RpcLimits.RecordBytesMax];

    private readonly ConcurrentQueue<byte[]>[] _free =
        [.. Sizes.Select(_ => new ConcurrentQueue<byte[]>())];

    private long _retainedBytes;

    public static RecordBuffers Shared { get; } = new();

    /// <summary>At most <see cref="RpcLimits.RecordBytesMax"/>.</summary>
    public byte[] Rent(int bytes)
    {
        var rank = Rank(bytes);
        if (_free[rank].TryDequeue(out var buffer))
        {
            Interlocked.Add(ref _retainedBytes, -buffer.Length);
            return buffer;
        }

        return GC.AllocateUninitializedArray<byte>(Sizes[rank], pinned: true);
    }

    public void Return(byte[] buffer)
    {
        if (Interlocked.Add(ref _retainedBytes, buffer.Length) > RetainedBytesMax)
            Interlocked.Add(ref _retainedBytes, -buffer.Length);
        else
            _free[Rank(buffer.Length)].Enqueue(buffer);
    }

    private static int Rank(int bytes)
    {
        for (var rank = 0; rank < Sizes.Length; rank++)
        {
            if (bytes <= Sizes[rank]) return rank;
        }

        throw new ArgumentOutOfRangeException(nameof(bytes), bytes, "Longer than any record.");
    }
}
