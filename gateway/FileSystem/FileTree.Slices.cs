using Gateway.FileSystem.Data;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Rows;
using Gateway.Replication.Slices;

namespace Gateway.FileSystem;

public sealed partial class FileTree
{
    /// <summary>The slices that hold the committed content of a file, or of everything below a directory.</summary>
    /// <param name="path">The names from the root; none is the root itself.</param>
    /// <remarks>For verification. Holds one snapshot while it walks, and memory for the ids alone.</remarks>
    public (FileStatus Status, IReadOnlySet<SliceRef> Slices) CollectSlices(
        IReadOnlyList<byte[]> path, CancellationToken cancellation = default)
    {
        var slices = new HashSet<SliceRef>();
        using var rows = _store.OpenSnapshot();
        var node = Root.Inode;
        foreach (var name in path)
        {
            if (!NodeRows.TryGetLink(rows, node, name, out var link)) return (FileStatus.NoEntry, slices);
            node = link.Inode;
        }

        var pending = new Stack<ulong>([node]);
        while (pending.TryPop(out var number))
        {
            cancellation.ThrowIfCancellationRequested();
            CollectExtents(rows, number, slices);
            CollectChildren(rows, number, pending);
            foreach (var stream in StreamRows.List(rows, number)) pending.Push(stream.Inode);
        }

        return (FileStatus.Ok, slices);
    }

    private static void CollectExtents(IRowSnapshot rows, ulong number, HashSet<SliceRef> slices)
    {
        Span<byte> key = stackalloc byte[RowKeys.TwoNumbersBytes];
        using var cursor = rows.OpenCursor();
        for (var more = cursor.Seek(RowKeys.Extent(key, number, 0)); more; more = cursor.MoveNext())
        {
            if (!RowKeys.HasPrefix(cursor.Key, RowKeys.ExtentPrefix, number)) return;

            var extent = Extent.Read((long)RowKeys.SecondNumber(cursor.Key), cursor.Value);
            if (!extent.IsInline) slices.Add(extent.Slice);
        }
    }

    private static void CollectChildren(IRowSnapshot rows, ulong number, Stack<ulong> pending)
    {
        Span<byte> key = stackalloc byte[RowKeys.TwoNumbersBytes];
        using var cursor = rows.OpenCursor();
        for (var more = cursor.Seek(RowKeys.Two(key, RowKeys.EntryPrefix, number, 0)); more; more = cursor.MoveNext())
        {
            if (!RowKeys.HasPrefix(cursor.Key, RowKeys.EntryPrefix, number)) return;

            pending.Push(NodeRows.ReadEntry(cursor.Value, out _).Inode);
        }
    }
}
