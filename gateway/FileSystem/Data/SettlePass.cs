using Gateway.FileSystem.Changes;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Rows;
using Gateway.Replication.Slices;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Data;

/// <summary>
/// What one new slice can take of a file: runs of neighbouring inline or small extents, <paramref name="Bytes"/> in
/// all.
/// <paramref name="Next"/> is where the next pass begins, 0 at the end of the file.
/// </summary>
internal readonly record struct SettlePass(IReadOnlyList<RelocatedRun> Runs, int Bytes, long Next)
{
    /// <summary>Slice extents are merged from this many in a row.</summary>
    public const int MergedExtentsMin = 8;

    private const int ExtentsMax = 1024;

    /// <summary>Extents below this are worth merging with their neighbours.</summary>
    private const int SmallExtentBytes = 256 << 10;

    /// <summary>Chooses runs from an offset on, copying inline bytes while the snapshot is open.</summary>
    public static SettlePass Plan(IVolumeStore store, NodeId node, long from, byte[] bytes)
    {
        using var rows = store.OpenSnapshot();
        if (!NodeRows.TryGet(rows, node, out _)) return new SettlePass([], 0, 0);

        var extents = new List<Extent>();
        ExtentRows.Collect(rows, node.Inode, from, long.MaxValue, ExtentsMax, extents);
        var next = extents.Count == ExtentsMax ? extents[^1].End : 0;
        var runs = new List<RelocatedRun>();
        var filled = 0;
        for (var i = 0; i < extents.Count;)
        {
            var count = RunAt(extents, i, SliceLimits.BytesMax - filled);
            if (count == 0)
            {
                // No room left: the next pass begins here.
                return new SettlePass(runs, filled, extents[i].Start);
            }

            var run = extents.GetRange(i, count);
            i += count;
            if (!IsWorth(run)) continue;
            runs.Add(new RelocatedRun(run, filled));
            foreach (var extent in run)
            {
                if (extent.IsInline) CopyInline(rows, node.Inode, extent, bytes.AsSpan(filled));
                filled += extent.Length;
            }
        }

        return new SettlePass(runs, filled, next);
    }

    /// <summary>Number of neighbouring small extents from an index on; 0 when even the first does not fit.</summary>
    private static int RunAt(List<Extent> extents, int first, int room)
    {
        if (!IsSmall(extents[first])) return 1;

        var bytes = 0;
        var count = 0;
        for (var i = first; i < extents.Count && IsSmall(extents[i]); i++)
        {
            if (i > first && extents[i].Start != extents[i - 1].End) break;
            if (bytes + extents[i].Length > room) break;
            bytes += extents[i].Length;
            count++;
        }

        return count;
    }

    private static bool IsSmall(in Extent extent) => extent.IsInline || extent.Length < SmallExtentBytes;

    private static bool IsWorth(List<Extent> run)
    {
        if (run.Count >= MergedExtentsMin) return IsSmall(run[0]);
        foreach (var extent in run)
        {
            if (extent.IsInline) return true;
        }

        return false;
    }

    private static void CopyInline(IRowReader rows, ulong inode, in Extent extent, Span<byte> destination)
    {
        Span<byte> key = stackalloc byte[RowKeys.TwoNumbersBytes];
        rows.TryGet(RowKeys.Extent(key, inode, extent.End), out var row);
        row[Extent.InlineHeadBytes..].CopyTo(destination);
    }
}
