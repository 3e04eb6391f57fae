using Gateway.Replication.Slices;
using Gateway.Replication.Store;

namespace Gateway.Replication.Owner;

/// <summary>Reads slices through a bounded cache, with read-ahead for readers that go forward.</summary>
/// <remarks>Any thread.</remarks>
internal sealed class SliceReads(SliceFetch fetch, SliceCache cache)
{
    /// <summary>Largest piece asked of a node at once.</summary>
    public const int FetchBytesMax = 1 << 20;

    private long _readBytes;

    public long ReadBytes => Interlocked.Read(ref _readBytes);

    public async ValueTask<StoreOutcome> ReadAsync(
        SliceRef slice, int offset, Memory<byte> destination, CancellationToken cancellation)
    {
        if (offset < 0 || destination.Length > slice.Length - offset)
            throw new ArgumentOutOfRangeException(nameof(offset), "The range is not within the slice.");

        Interlocked.Add(ref _readBytes, destination.Length);
        while (!destination.IsEmpty)
        {
            var copied = cache.Copy(slice.Id, offset, destination.Span);
            if (copied == 0)
            {
                var (start, length) = RangeToFetch(slice, offset, destination.Length);
                var (outcome, run) = await fetch.FetchAsync(slice, start, length, null, cancellation);
                if (outcome != StoreOutcome.Ok) return outcome;

                var source = run!.Bytes.Span[(offset - start)..];
                copied = Math.Min(source.Length, destination.Length);
                source[..copied].CopyTo(destination.Span);
                cache.Add(run);
            }

            offset += copied;
            destination = destination[copied..];
        }

        return StoreOutcome.Ok;
    }

    // Whole blocks. A reader that comes from the block before goes forward, and gets more than it asked for.
    private (int Start, int Length) RangeToFetch(SliceRef slice, int offset, int wanted)
    {
        var start = offset - offset % SliceLimits.BlockBytes;
        var forward = start != 0 && cache.Contains(slice.Id, start - 1);
        var bytes = forward ? FetchBytesMax : offset - start + wanted;
        bytes = Math.Min(bytes + SliceLimits.BlockBytes - 1, FetchBytesMax);
        bytes -= bytes % SliceLimits.BlockBytes;
        return (start, Math.Min(bytes, slice.Length - start));
    }
}
