using System.Buffers;
using Gateway.FileSystem.Data;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Changes;

/// <summary>
/// Makes a range of one file the content of a range of another, or of the same one: extents share their slices, inline
/// bytes are copied. From the front, as much as one mutation may.
/// </summary>
internal sealed class CloneMutation(FileTree tree, NodeId source, long offset, NodeId target, long targetOffset, long length)
    : Mutation
{
    /// <summary>Extents copied by one mutation, each of which may be 32 KiB of bytes in the rows.</summary>
    private const int ExtentsMax = 512;

    private const int InlineBytesMax = 1 << 20;

    private readonly List<Extent> _scratch = [];
    private long _done;

    /// <summary>What clients are told as the change time stays as it is.</summary>
    public bool KeepsDeclared { get; init; }

    public FileStatus Status { get; private set; }

    public bool Done { get; private set; }

    /// <summary>True when an earlier cut of the target must end first.</summary>
    public bool MustReclaim { get; private set; }

    public NodeChange File { get; private set; }

    public override void Execute(MutationContext context)
    {
        MustReclaim = false;
        Status = Load(context, out var to);
        Done = Status != FileStatus.Ok;
        if (Done) return;

        MustReclaim = (to.Flags & InodeFlags.Cutting) != 0 && targetOffset + length > to.Size;
        if (MustReclaim) return;

        var before = to.Before();
        to.DataVersion++;
        var window = Window(context, out var extents);
        window = Clear(context, ref to, window);
        if (source == target)
        {
            // Clearing may have cut an extent that lies in both ranges.
            extents.Clear();
            ExtentRows.Collect(context, source.Inode, offset + _done, offset + _done + window, int.MaxValue, extents);
        }

        foreach (var extent in extents) Copy(context, ref to, extent, offset + _done, offset + _done + window);

        _done += window;
        Done = _done == length;
        to.Size = Math.Max(to.Size, targetOffset + _done);
        to.TouchContent(context.ClockNanoseconds, KeepsDeclared);
        NodeRows.Put(context, target.Inode, to);
        if (to.IsStream) StreamRows.TouchFile(context, to, KeepsDeclared);
        File = new NodeChange(before, tree.Describe(target.Inode, to));
    }

    private FileStatus Load(MutationContext context, out Inode to)
    {
        to = default;
        if (!NodeRows.TryGet(context, source, out var from) || !NodeRows.TryGet(context, target, out to))
            return FileStatus.Stale;
        return from.IsFile && to.IsFile && offset + length <= from.Size ? FileStatus.Ok : FileStatus.InvalidArgument;
    }

    /// <summary>How many bytes this mutation goes on by, and the extents of the source that are in them.</summary>
    private long Window(MutationContext context, out List<Extent> extents)
    {
        extents = [];
        var from = offset + _done;
        var end = offset + length;
        ExtentRows.Collect(context, source.Inode, from, end, ExtentsMax, extents);
        var inline = 0;
        for (var i = 0; i < extents.Count; i++)
        {
            if (extents[i].IsInline) inline += extents[i].Length;
            if (inline <= InlineBytesMax && (i + 1 < ExtentsMax)) continue;
            extents.RemoveRange(i + 1, extents.Count - i - 1);
            return Math.Min(extents[i].End, end) - from;
        }

        return end - from;
    }

    /// <summary>Frees the target's range, or as much of it from the front as can be done at once.</summary>
    private long Clear(MutationContext context, ref Inode to, long window)
    {
        var budget = ExtentRows.ExtentsPerMutationMax;
        var from = targetOffset + _done;
        if (from >= to.Size) return window;
        return ExtentRows.Clear(context, target.Inode, ref to, from, from + window, ref budget, _scratch) - from;
    }

    private void Copy(MutationContext context, ref Inode to, in Extent extent, long from, long end)
    {
        var start = Math.Max(extent.Start, from);
        end = Math.Min(extent.End, end);
        if (start >= end) return;

        var inside = (int)(start - extent.Start);
        var bytes = (int)(end - start);
        var at = targetOffset + (start - offset);
        if (extent.IsInline)
        {
            CopyInline(context, ref to, extent, inside, bytes, at);
            return;
        }

        var copied = extent with { End = at + bytes, Length = bytes, SliceOffset = extent.SliceOffset + inside };
        ExtentRows.PutSlice(context, target.Inode, ref to, copied);
        ExtentRows.AddReferences(context, extent.Slice, 1, first: false);
    }

    private void CopyInline(MutationContext context, ref Inode to, in Extent extent, int inside, int bytes, long at)
    {
        Span<byte> key = stackalloc byte[RowKeys.TwoNumbersBytes];
        if (!context.TryGet(RowKeys.Extent(key, source.Inode, extent.End), out var row))
            throw new InvalidDataException("An extent is gone.");

        // The view of the row ends with the next change.
        var copy = ArrayPool<byte>.Shared.Rent(bytes);
        row.Slice(Extent.InlineHeadBytes + inside, bytes).CopyTo(copy);
        ExtentRows.PutInline(context, target.Inode, ref to, at, copy.AsSpan(0, bytes));
        ArrayPool<byte>.Shared.Return(copy);
    }
}
