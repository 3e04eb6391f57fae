using Gateway.FileSystem.Changes;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Rows;
using Gateway.Replication.Slices;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Data;

/// <summary>
/// What one new slice can take of a file: runs of neighbouring extents, <paramref name="Bytes"/> in all.
/// <paramref name="Next"/> is where the next pass begins, 0 at the end of the file.
/// </summary>
internal readonly record struct SettlePass(IReadOnlyList<RelocatedRun> Runs, int Bytes, long Next)
{
    /// <summary>Extents are merged from this many in a row.</summary>
    public const int MergedExtentsMin = 8;

    private const int ExtentsMax = 1024;

    /// <summary>Extents below this may be merged with their neighbours.</summary>
    private const int SmallExtentBytes = 256 << 10;

    /// <summary>
    /// A run is merged when its extents are smaller than this on the average: what a merge saves later readers is the
    /// number of extents, and what it costs is to read and write all of the run.
    /// </summary>
    private const int MergedMeanBytesMax = 64 << 10;

    /// <summary>Chooses runs from an offset on, copying inline bytes while the snapshot is open.</summary>
    /// <param name="merges">Also merges small extents of slices; else inline data moves, and nothing else.</param>
    public static SettlePass Plan(IVolumeStore store, NodeId node, long from, bool merges, byte[] bytes)
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
            var room = SliceLimits.BytesMax - filled;
            var count = merges ? MergedAt(extents, i, room) : 0;
            if (count == 0) count = InlineAt(extents, i, room);
            if (count == 0)
            {
                // No room left: the next pass begins here.
                if (extents[i].IsInline) return new SettlePass(runs, filled, extents[i].Start);
                i++;
                continue;
            }

            var run = extents.GetRange(i, count);
            i += count;
            runs.Add(new RelocatedRun(run, filled));
            foreach (var extent in run)
            {
                if (extent.IsInline) CopyInline(rows, node.Inode, extent, bytes.AsSpan(filled));
                filled += extent.Length;
            }
        }

        return new SettlePass(runs, filled, next);
    }

    /// <summary>Number of neighbouring small extents from an index on that are worth merging, or 0.</summary>
    private static int MergedAt(List<Extent> extents, int first, int room)
    {
        var bytes = 0;
        var count = 0;
        for (var i = first; i < extents.Count && extents[i].Length < SmallExtentBytes; i++)
        {
            if ((i > first && extents[i].Start != extents[i - 1].End) || bytes + extents[i].Length > room) break;
            bytes += extents[i].Length;
            count++;
        }

        return count >= MergedExtentsMin && bytes / count < MergedMeanBytesMax ? count : 0;
    }

    /// <summary>Number of neighbouring inline extents from an index on that fit.</summary>
    private static int InlineAt(List<Extent> extents, int first, int room)
    {
        var count = 0;
        for (var i = first; i < extents.Count && extents[i].IsInline && extents[i].Length <= room; i++)
        {
            if (i > first && extents[i].Start != extents[i - 1].End) break;
            room -= extents[i].Length;
            count++;
        }

        return count;
    }

    private static void CopyInline(IRowReader rows, ulong inode, in Extent extent, Span<byte> destination)
    {
        Span<byte> key = stackalloc byte[RowKeys.TwoNumbersBytes];
        rows.TryGet(RowKeys.Extent(key, inode, extent.End), out var row);
        row[Extent.InlineHeadBytes..].CopyTo(destination);
    }
}
