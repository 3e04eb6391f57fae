namespace Gateway.Replication;

/// <summary>
/// Arrays for bytes on their way, in powers of two, kept for reuse within a number of bytes over all sizes together.
/// </summary>
/// <remarks>
/// The shared pool of the runtime keeps what each core and thread returned, without a bound on the sum. Here a size that
/// nobody asks for any more makes room for the one in use. Threading: any. Contents are not cleared.
/// </remarks>
public sealed class BufferPool
{
    private const int SmallestShift = 12;

    private readonly Lock _gate = new();
    private readonly Size[] _sizes;
    private long _uses;

    /// <param name="bufferBytesMax">Longer buffers are allocated and not kept; a power of two from 4 KiB.</param>
    /// <param name="retainedBytesMax">Bytes kept for reuse; what is rented out does not count.</param>
    public BufferPool(int bufferBytesMax, long retainedBytesMax)
    {
        Invariant.Holds(int.IsPow2(bufferBytesMax) && bufferBytesMax >= 1 << SmallestShift, "A size of buffers is odd.");
        RetainedBytesMax = retainedBytesMax;
        _sizes = new Size[int.Log2(bufferBytesMax) - SmallestShift + 1];
        for (var rank = 0; rank < _sizes.Length; rank++) _sizes[rank] = new Size(1 << (SmallestShift + rank));
    }

    public long RetainedBytesMax { get; }

    /// <summary>Bytes kept for reuse now.</summary>
    public long RetainedBytes { get; private set; }

    /// <summary>A buffer of at least this length.</summary>
    public byte[] Rent(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        if (bytes > _sizes[^1].Bytes) return GC.AllocateUninitializedArray<byte>(bytes);

        var size = _sizes[Rank(bytes)];
        lock (_gate)
        {
            size.LastUse = ++_uses;
            if (size.Free.TryPop(out var free))
            {
                RetainedBytes -= free.Length;
                return free;
            }
        }

        return GC.AllocateUninitializedArray<byte>(size.Bytes);
    }

    /// <summary>Takes a rented buffer back; nobody may use it any more.</summary>
    public void Return(byte[] buffer)
    {
        ArgumentNullException.ThrowIfNull(buffer);
        if (buffer.Length > _sizes[^1].Bytes) return;

        var size = _sizes[Rank(buffer.Length)];
        Invariant.Holds(size.Bytes == buffer.Length, "a buffer was returned that no pool has lent");
        lock (_gate)
        {
            while (RetainedBytes + buffer.Length > RetainedBytesMax)
            {
                if (Oldest(size) is not { } old) return;
                RetainedBytes -= old.Free.Pop().Length;
            }

            size.Free.Push(buffer);
            RetainedBytes += buffer.Length;
        }
    }

    private static int Rank(int bytes) =>
        bytes <= 1 << SmallestShift ? 0 : int.Log2(bytes - 1) + 1 - SmallestShift;

    // Among the others: what was not asked for since this size was goes first.
    private Size? Oldest(Size returned)
    {
        Size? oldest = null;
        foreach (var size in _sizes)
        {
            if (size.Free.Count == 0 || size.LastUse >= returned.LastUse) continue;
            if (oldest is null || size.LastUse < oldest.LastUse) oldest = size;
        }

        return oldest;
    }

    private sealed class Size(int bytes)
    {
        public int Bytes => bytes;

        public Stack<byte[]> Free { get; } = new();

        public long LastUse { get; set; }
    }
}
