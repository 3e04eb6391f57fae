using Gateway.FileSystem.Tables;
using Gateway.Replication.Rows;
using Gateway.Replication.Slices;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Data;

/// <summary>
/// One read: where its bytes come from. Inline bytes and holes are filled in while the snapshot is open.
/// </summary>
internal sealed class ReadPlan
{
    /// <summary>A read of a file so fragmented returns fewer bytes than asked for; the client asks again.</summary>
    public const int ExtentsMax = 2048;

    private readonly List<SlicePiece> _slices = [];

    /// <summary>What the write-back buffer has, oldest first.</summary>
    public List<BufferedPiece> Buffered { get; } = [];

    /// <summary>
    /// Fills what the rows have of [offset, offset + destination) and notes the slices. Returns the bytes covered.
    /// </summary>
    public int Resolve(IRowReader rows, ulong inode, long offset, Memory<byte> destination)
    {
        _slices.Clear();
        var span = destination.Span;
        var end = offset + span.Length;
        var at = offset;
        if (IsBufferedWhole(offset, end)) return span.Length;

        Span<byte> key = stackalloc byte[RowKeys.TwoNumbersBytes];
        using var cursor = rows.OpenCursor();
        var extents = 0;
        for (var more = cursor.Seek(RowKeys.Extent(key, inode, offset + 1)); more && at < end; more = cursor.MoveNext())
        {
            if (!RowKeys.HasPrefix(cursor.Key, RowKeys.ExtentPrefix, inode)) break;

            var extent = Extent.Read((long)RowKeys.SecondNumber(cursor.Key), cursor.Value);
            if (extent.Start >= end) break;
            if (++extents > ExtentsMax) return (int)(at - offset);

            var from = Math.Max(extent.Start, offset);
            var to = Math.Min(extent.End, end);
            if (from > at) span[(int)(at - offset)..(int)(from - offset)].Clear();
            var inside = (int)(from - extent.Start);
            var length = (int)(to - from);
            if (extent.IsInline)
                cursor.Value.Slice(Extent.InlineHeadBytes + inside, length).CopyTo(span[(int)(from - offset)..]);
            else
                AddSlice(new SlicePiece(extent.Slice, extent.SliceOffset + inside, (int)(from - offset), length));
            at = to;
        }

        if (at < end) span[(int)(at - offset)..].Clear();
        return span.Length;
    }

    /// <summary>Reads the slices, then lays the buffered bytes over them.</summary>
    public async ValueTask<StoreOutcome> FillAsync(
        IVolumeStore store, long offset, Memory<byte> destination, CancellationToken cancellation)
    {
        var outcome = StoreOutcome.Ok;
        if (_slices.Count == 1) outcome = await ReadAsync(store, _slices[0], destination, cancellation);
        else if (_slices.Count > 1) outcome = await ReadAllAsync(store, destination, cancellation);

        foreach (var piece in Buffered)
        {
            var at = (int)(piece.Start - offset);
            if (at >= destination.Length) continue;
            var length = Math.Min(piece.Length, destination.Length - at);
            piece.Buffer.Span.Slice(piece.BufferOffset, length).CopyTo(destination.Span[at..]);
        }

        return outcome;
    }

    private static ValueTask<StoreOutcome> ReadAsync(
        IVolumeStore store, in SlicePiece piece, Memory<byte> destination, CancellationToken cancellation) =>
        store.ReadSliceAsync(piece.Slice, piece.SliceOffset, destination.Slice(piece.At, piece.Length), cancellation);

    private async ValueTask<StoreOutcome> ReadAllAsync(
        IVolumeStore store, Memory<byte> destination, CancellationToken cancellation)
    {
        const int readsMax = 16;
        var outcome = StoreOutcome.Ok;
        var running = new List<Task<StoreOutcome>>(readsMax);
        for (var i = 0; i < _slices.Count;)
        {
            running.Clear();
            for (; i < _slices.Count && running.Count < readsMax; i++)
                running.Add(ReadAsync(store, _slices[i], destination, cancellation).AsTask());
            foreach (var read in await Task.WhenAll(running))
            {
                if (read != StoreOutcome.Ok) outcome = read;
            }
        }

        return outcome;
    }

    private void AddSlice(SlicePiece piece)
    {
        if (_slices.Count > 0)
        {
            var last = _slices[^1];
            if (last.Slice.Id == piece.Slice.Id && last.SliceOffset + last.Length == piece.SliceOffset
                && last.At + last.Length == piece.At)
            {
                _slices[^1] = last with { Length = last.Length + piece.Length };
                return;
            }
        }

        _slices.Add(piece);
    }

    private bool IsBufferedWhole(long offset, long end)
    {
        foreach (var piece in Buffered)
        {
            if (piece.Start <= offset && piece.Start + piece.Length >= end) return true;
        }

        return false;
    }

    private readonly record struct SlicePiece(SliceRef Slice, int SliceOffset, int At, int Length);
}
