using System.Buffers;
using System.Buffers.Binary;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Rows;
using Gateway.Replication.Slices;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Data;

/// <summary>
/// Changes the extents of a file inside a mutation and keeps the count of extents per slice, so that a slice is
/// discarded exactly when its last extent goes.
/// </summary>
/// <remarks>
/// A slice with one extent, by far the most common, has no count row; a row <c>S</c> holds the count from two on.
/// </remarks>
internal static class ExtentRows
{
    /// <summary>Extents one mutation touches at most; more is done in several mutations.</summary>
    public const int ExtentsPerMutationMax = 2048;

    /// <summary>A file with no more inline data keeps it in its rows for good; one with more has a J row.</summary>
    public const int InlineKeptBytes = 512;

    /// <summary>
    /// Collects up to <paramref name="max"/> extents that overlap <paramref name="from"/> to <paramref name="to"/>,
    /// in order.
    /// </summary>
    public static void Collect(IRowReader rows, ulong inode, long from, long to, int max, List<Extent> extents)
    {
        Span<byte> key = stackalloc byte[RowKeys.TwoNumbersBytes];
        using var cursor = rows.OpenCursor();
        for (var more = cursor.Seek(RowKeys.Extent(key, inode, from + 1)); more; more = cursor.MoveNext())
        {
            if (!RowKeys.HasPrefix(cursor.Key, RowKeys.ExtentPrefix, inode) || extents.Count == max) return;

            var extent = Extent.Read((long)RowKeys.SecondNumber(cursor.Key), cursor.Value);
            if (extent.Start >= to) return;
            extents.Add(extent);
        }
    }

    /// <summary>
    /// Removes what overlaps the range, touching at most <paramref name="budget"/> extents, from the front. Returns
    /// where it stopped: <paramref name="to"/> when the range is free.
    /// </summary>
    public static long Clear(
        MutationContext rows, ulong number, ref Inode inode, long from, long to, ref int budget, List<Extent> scratch)
    {
        if (from >= to) return to;

        scratch.Clear();
        Collect(rows, number, from, to, budget + 1, scratch);
        foreach (var extent in scratch)
        {
            if (budget <= 0) return Math.Max(from, extent.Start);

            // What remains of an inline extent is journaled again, so it costs by its size.
            budget -= extent.IsInline && (extent.Start < from || extent.End > to) ? 1 + (extent.Length >> 10) : 1;
            Carve(rows, number, ref inode, extent, from, to);
        }

        return to;
    }

    /// <summary>Puts an extent into a free range. Its slice must be counted by <see cref="AddReferences"/>.</summary>
    public static void PutSlice(MutationContext rows, ulong number, ref Inode inode, in Extent extent)
    {
        inode.Used += extent.Length;
        PutSliceRow(rows, number, extent);
    }

    /// <summary>Puts bytes into a free range.</summary>
    public static void PutInline(
        MutationContext rows, ulong number, ref Inode inode, long start, ReadOnlySpan<byte> bytes)
    {
        if (inode.InlineBytes <= InlineKeptBytes && inode.InlineBytes + (ulong)bytes.Length > InlineKeptBytes)
            PutInlineMark(rows, number);
        inode.InlineBytes += (ulong)bytes.Length;
        inode.Used += bytes.Length;
        PutInlineRow(rows, number, start + bytes.Length, inode.DataVersion, bytes);
    }

    /// <summary>Counts extents that were put; <paramref name="first"/> when the slice had none before.</summary>
    public static void AddReferences(MutationContext rows, SliceRef slice, int extents, bool first)
    {
        Span<byte> key = stackalloc byte[RowKeys.TwoNumbersBytes];
        var sharedKey = RowKeys.SharedSlice(key, slice.Id);
        var held = 0;
        if (first) rows.Reference(slice);
        else held = CountOf(rows, sharedKey);
        if (held + extents > 1) PutCount(rows, sharedKey, held + extents);
    }

    /// <summary>Takes one extent of the slice away; the last one discards it.</summary>
    public static void Release(MutationContext rows, SliceRef slice)
    {
        Span<byte> key = stackalloc byte[RowKeys.TwoNumbersBytes];
        var sharedKey = RowKeys.SharedSlice(key, slice.Id);
        var held = CountOf(rows, sharedKey);
        if (held == 1) rows.Discard(slice);
        else if (held == 2) rows.Delete(sharedKey);
        else PutCount(rows, sharedKey, held - 1);
    }

    /// <summary>Removes an extent whole.</summary>
    public static void Remove(MutationContext rows, ulong number, ref Inode inode, in Extent extent)
    {
        Span<byte> key = stackalloc byte[RowKeys.TwoNumbersBytes];
        rows.Delete(RowKeys.Extent(key, number, extent.End));
        inode.Used -= extent.Length;
        if (extent.IsInline) TakeInline(rows, number, ref inode, extent.Length);
        else Release(rows, extent.Slice);
    }

    public static bool TryGet(IRowReader rows, ulong number, long end, out Extent extent)
    {
        Span<byte> key = stackalloc byte[RowKeys.TwoNumbersBytes];
        var found = rows.TryGet(RowKeys.Extent(key, number, end), out var row);
        extent = found ? Extent.Read(end, row) : default;
        return found;
    }

    private static void Carve(
        MutationContext rows, ulong number, ref Inode inode, in Extent extent, long from, long to)
    {
        var left = (int)Math.Max(0, from - extent.Start);
        var right = (int)Math.Max(0, extent.End - to);
        if (left == 0 && right == 0)
        {
            Remove(rows, number, ref inode, extent);
            return;
        }

        if (extent.IsInline) CarveInline(rows, number, ref inode, extent, left, right);
        else CarveSlice(rows, number, extent, left, right);
        inode.Used -= extent.Length - left - right;
    }

    private static void CarveSlice(MutationContext rows, ulong number, in Extent extent, int left, int right)
    {
        Span<byte> key = stackalloc byte[RowKeys.TwoNumbersBytes];
        var rest = extent with { Length = right, SliceOffset = extent.SliceOffset + extent.Length - right };
        if (right == 0) rows.Delete(RowKeys.Extent(key, number, extent.End));
        else PutSliceRow(rows, number, rest);

        if (left > 0) PutSliceRow(rows, number, extent with { End = extent.Start + left, Length = left });
        if (left > 0 && right > 0) AddReferences(rows, extent.Slice, 1, first: false);
    }

    private static void CarveInline(
        MutationContext rows, ulong number, ref Inode inode, in Extent extent, int left, int right)
    {
        Span<byte> key = stackalloc byte[RowKeys.TwoNumbersBytes];
        var old = ArrayPool<byte>.Shared.Rent(extent.Length);
        rows.TryGet(RowKeys.Extent(key, number, extent.End), out var row);
        row[Extent.InlineHeadBytes..].CopyTo(old);

        if (right == 0) rows.Delete(RowKeys.Extent(key, number, extent.End));
        else PutInlineRow(rows, number, extent.End, extent.Stamp, old.AsSpan(extent.Length - right, right));
        if (left > 0) PutInlineRow(rows, number, extent.Start + left, extent.Stamp, old.AsSpan(0, left));

        ArrayPool<byte>.Shared.Return(old);
        TakeInline(rows, number, ref inode, extent.Length - left - right);
    }

    private static void PutSliceRow(MutationContext rows, ulong number, in Extent extent)
    {
        Span<byte> key = stackalloc byte[RowKeys.TwoNumbersBytes];
        Span<byte> row = stackalloc byte[Extent.SliceRowBytes];
        extent.WriteSlice(row);
        rows.Put(RowKeys.Extent(key, number, extent.End), row);
    }

    private static void PutInlineRow(
        MutationContext rows, ulong number, long end, ulong stamp, ReadOnlySpan<byte> bytes)
    {
        Span<byte> key = stackalloc byte[RowKeys.TwoNumbersBytes];
        var row = ArrayPool<byte>.Shared.Rent(Extent.InlineHeadBytes + bytes.Length);
        Extent.WriteInlineHead(row, stamp);
        bytes.CopyTo(row.AsSpan(Extent.InlineHeadBytes));
        rows.Put(RowKeys.Extent(key, number, end), row.AsSpan(0, Extent.InlineHeadBytes + bytes.Length));
        ArrayPool<byte>.Shared.Return(row);
    }

    private static void PutInlineMark(MutationContext rows, ulong number)
    {
        Span<byte> key = stackalloc byte[RowKeys.OneNumberBytes];
        rows.Put(RowKeys.One(key, RowKeys.InlinePrefix, number), [1]);
    }

    private static void TakeInline(MutationContext rows, ulong number, ref Inode inode, int bytes)
    {
        var before = inode.InlineBytes;
        inode.InlineBytes -= (ulong)bytes;
        if (before <= InlineKeptBytes || inode.InlineBytes > InlineKeptBytes) return;

        Span<byte> key = stackalloc byte[RowKeys.OneNumberBytes];
        rows.Delete(RowKeys.One(key, RowKeys.InlinePrefix, number));
    }

    private static int CountOf(MutationContext rows, ReadOnlySpan<byte> sharedKey) =>
        rows.TryGet(sharedKey, out var row) ? BinaryPrimitives.ReadInt32LittleEndian(row) : 1;

    private static void PutCount(MutationContext rows, ReadOnlySpan<byte> sharedKey, int count)
    {
        Span<byte> row = stackalloc byte[4];
        BinaryPrimitives.WriteInt32LittleEndian(row, count);
        rows.Put(sharedKey, row);
    }
}
