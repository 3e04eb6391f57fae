using Gateway.FileSystem.Tables;
using Gateway.Replication.Rows;

namespace Gateway.FileSystem.Data;

/// <summary>Where a file has content: neighbouring extents joined.</summary>
internal static class AllocatedRanges
{
    public static AllocatedRangesResult Find(IRowReader rows, ulong inode, long start, long end, int max)
    {
        var found = new List<ByteRange>();
        Span<byte> key = stackalloc byte[RowKeys.TwoNumbersBytes];
        using var cursor = rows.OpenCursor();
        if (start >= end) return new AllocatedRangesResult(FileStatus.Ok, found, false);

        for (var more = cursor.Seek(RowKeys.Extent(key, inode, start + 1)); more; more = cursor.MoveNext())
        {
            if (!RowKeys.HasPrefix(cursor.Key, RowKeys.ExtentPrefix, inode)) break;

            var extent = Extent.Read((long)RowKeys.SecondNumber(cursor.Key), cursor.Value);
            if (extent.Start >= end) break;
            var from = Math.Max(extent.Start, start);
            var to = Math.Min(extent.End, end);
            if (found.Count > 0 && found[^1].End == from)
                found[^1] = new ByteRange(found[^1].Start, to - found[^1].Start);
            else if (found.Count == max)
                return new AllocatedRangesResult(FileStatus.Ok, found, true);
            else
                found.Add(new ByteRange(from, to - from));
        }

        return new AllocatedRangesResult(FileStatus.Ok, found, false);
    }
}
