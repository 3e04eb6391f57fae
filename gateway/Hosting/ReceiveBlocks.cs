using System.Buffers;
using System.Collections.Concurrent;
using Microsoft.AspNetCore.Connections;

namespace Gateway.Hosting;

/// <summary>
/// Memory that sockets receive into. Kestrel's own blocks take 4 KiB a call, which makes 256 system calls of a WRITE of
/// 1 MiB.
/// </summary>
/// <remarks>
/// Any thread. A connection holds a block only while it has bytes that are not consumed. Large blocks are bounded for all
/// connections together: beyond that they get small ones, so that thousands of clients which stop in the middle of a
/// record cost no more than before.
/// </remarks>
internal sealed class ReceiveBlocks : IMemoryPoolFactory<byte>
{
    public const int LargeBytes = 64 << 10;
    public const int SmallBytes = 4 << 10;

    /// <summary>Large blocks in use at once.</summary>
    public const int LargeMax = 128;

    /// <summary>Free blocks of a size kept for reuse.</summary>
    private const int KeptMax = LargeMax;

    private readonly ConcurrentQueue<Block> _large = new();
    private readonly ConcurrentQueue<Block> _small = new();
    private int _largeInUse;

    public int LargeInUse => Volatile.Read(ref _largeInUse);

    public MemoryPool<byte> Create(MemoryPoolOptions? options = null) => new Pool(this);

    private Block Rent()
    {
        if (Interlocked.Increment(ref _largeInUse) <= LargeMax)
            return _large.TryDequeue(out var large) ? large.Use() : new Block(this, LargeBytes);

        Interlocked.Decrement(ref _largeInUse);
        return _small.TryDequeue(out var small) ? small.Use() : new Block(this, SmallBytes);
    }

    private void Return(Block block)
    {
        var isLarge = block.Memory.Length == LargeBytes;
        var free = isLarge ? _large : _small;
        if (free.Count < KeptMax) free.Enqueue(block);
        if (isLarge) Interlocked.Decrement(ref _largeInUse);
    }

    private sealed class Pool(ReceiveBlocks blocks) : MemoryPool<byte>
    {
        public override int MaxBufferSize => SmallBytes;

        public override IMemoryOwner<byte> Rent(int minBufferSize = -1)
        {
            ArgumentOutOfRangeException.ThrowIfGreaterThan(minBufferSize, SmallBytes);
            return blocks.Rent();
        }

        protected override void Dispose(bool disposing)
        {
            // The blocks are everybody's.
        }
    }

    // Pinned for good, so that a socket operation on it costs no handle.
    private sealed class Block(ReceiveBlocks blocks, int bytes) : IMemoryOwner<byte>
    {
        private int _used = 1;

        public Memory<byte> Memory { get; } = GC.AllocateUninitializedArray<byte>(bytes, pinned: true);

        public Block Use()
        {
            _used = 1;
            return this;
        }

        public void Dispose()
        {
            if (Interlocked.Exchange(ref _used, 0) != 0) blocks.Return(this);
        }
    }
}
