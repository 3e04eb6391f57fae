using System.Collections.Concurrent;
using System.Numerics;
using Gateway.Replication.Slices;
using Gateway.Replication.Wire;

namespace Gateway.Replication.Store;

/// <summary>
/// Slices in a dictionary, with the rules the nodes rely on: written before referenced, never reused.
/// </summary>
public sealed class MemorySlices : ISliceStorage
{
    private readonly ConcurrentDictionary<SliceId, byte[]> _slices = new();
    private ulong _sequence;
    private long _bytes;

    /// <summary>Epoch of the slices written from now on.</summary>
    public ulong Epoch { get; set; } = 1;

    public StoreSpace Space { get; set; } = new(1L << 40, 1L << 40, 1L << 40);

    /// <summary>Slices that exist, referenced or not.</summary>
    public IReadOnlyCollection<SliceId> Stored => (IReadOnlyCollection<SliceId>)_slices.Keys;

    public long StoredBytes => Volatile.Read(ref _bytes);

    public bool HasEnoughNodes => true;

    public ValueTask<SliceWriteResult> WriteCheckpointSliceAsync(
        ReadOnlyMemory<byte> data, CancellationToken cancellation) => WriteSliceAsync(data, null, cancellation);

    public ValueTask<SliceWriteResult> WriteSliceAsync(
        ReadOnlyMemory<byte> data, IPayloadSource? source, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (data.IsEmpty || data.Length > SliceLimits.BytesMax)
            throw new ArgumentException($"A slice has 1 to {SliceLimits.BytesMax} bytes.", nameof(data));
        if (Space.AvailableBytes < data.Length)
            return ValueTask.FromResult(new SliceWriteResult(StoreOutcome.NoSpace, default));

        var bytes = data.ToArray();
        var id = new SliceId(Epoch, Interlocked.Increment(ref _sequence));
        if (!_slices.TryAdd(id, bytes)) throw new InvalidOperationException($"Slice {id} exists.");
        Interlocked.Add(ref _bytes, bytes.Length);
        return ValueTask.FromResult(
            new SliceWriteResult(StoreOutcome.Ok, new SliceRef(id, bytes.Length, Checksum(bytes))));
    }

    public ValueTask<StoreOutcome> ReadSliceAsync(
        SliceRef slice, int offset, Memory<byte> destination, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        if (offset < 0 || offset > slice.Length - destination.Length)
            throw new ArgumentOutOfRangeException(nameof(offset), $"Outside of slice {slice.Id}.");
        if (!Holds(slice, out var bytes)) return ValueTask.FromResult(StoreOutcome.Damaged);

        bytes.AsSpan(offset, destination.Length).CopyTo(destination.Span);
        return ValueTask.FromResult(StoreOutcome.Ok);
    }

    public ValueTask<StoreOutcome> VerifySliceAsync(SliceRef slice, CancellationToken cancellation) =>
        ValueTask.FromResult(
            Holds(slice, out var bytes) && Checksum(bytes) == slice.Crc32C ? StoreOutcome.Ok : StoreOutcome.Damaged);

    public void Discard(ReadOnlySpan<SliceId> slices)
    {
        foreach (var id in slices)
        {
            if (_slices.TryRemove(id, out var bytes)) Interlocked.Add(ref _bytes, -bytes.Length);
        }
    }

    /// <summary>Damages a stored slice, for tests.</summary>
    public void Corrupt(SliceId id) => _slices[id][0] ^= 1;

    internal void CheckWritten(SliceRef slice)
    {
        if (!Holds(slice, out var bytes) || Checksum(bytes) != slice.Crc32C)
            throw new InvalidOperationException($"Slice {slice.Id} was not written as it is referenced.");
    }

    private static uint Checksum(ReadOnlySpan<byte> bytes)
    {
        var crc = uint.MaxValue;
        for (; bytes.Length >= 8; bytes = bytes[8..]) crc = BitOperations.Crc32C(crc, BitConverter.ToUInt64(bytes));
        foreach (var one in bytes) crc = BitOperations.Crc32C(crc, one);
        return ~crc;
    }

    private bool Holds(SliceRef slice, out byte[] bytes) =>
        _slices.TryGetValue(slice.Id, out bytes!) && bytes.Length == slice.Length;
}
