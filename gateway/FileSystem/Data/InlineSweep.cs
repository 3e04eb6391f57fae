using Gateway.FileSystem.Tables;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Data;

/// <summary>
/// Goes over the files with inline data, some in each round, to find those that are to be settled and to count the
/// bytes.
/// </summary>
/// <remarks>One caller at a time; <see cref="InlineBytes"/> from any thread.</remarks>
internal sealed class InlineSweep(
    IVolumeStore store, FileTreeOptions options, TimeProvider clock, WriteBack writeBack)
{
    private const int ScannedPerRoundMax = 8192;
    private const int FilesPerRoundMax = 512;

    private ulong _next;
    private long _sweptBytes;
    private long _inlineBytes;

    /// <summary>Bytes in rows of all files with more than a few, as of the last sweep.</summary>
    public long InlineBytes => Volatile.Read(ref _inlineBytes);

    /// <summary>The files of this round.</summary>
    /// <param name="movedWhileBusy">Bytes moved out of the rows of a file since it was merged last.</param>
    public List<DueFile> FindDue(IReadOnlyDictionary<NodeId, long> movedWhileBusy)
    {
        var due = new List<DueFile>();
        var now = Timestamp.NanosecondsNow(clock);
        Span<byte> key = stackalloc byte[RowKeys.OneNumberBytes];
        using var rows = store.OpenSnapshot();
        using var cursor = rows.OpenCursor();
        var more = cursor.Seek(RowKeys.One(key, RowKeys.InlinePrefix, _next));
        for (var left = ScannedPerRoundMax; left > 0 && due.Count < FilesPerRoundMax; left--, more = cursor.MoveNext())
        {
            if (!more || !RowKeys.HasPrefix(cursor.Key, RowKeys.InlinePrefix))
            {
                EndSweep();
                return due;
            }

            var number = RowKeys.FirstNumber(cursor.Key);
            _next = number + 1;
            if (!NodeRows.TryGet(rows, number, out var inode)) continue;
            _sweptBytes += (long)inode.InlineBytes;
            var node = new NodeId(number, inode.Generation);
            if (IsQuiet(number, inode, now)) due.Add(new DueFile(node, Merges: true));
            else if (HasMuch(inode)) due.Add(new DueFile(node, movedWhileBusy.GetValueOrDefault(node) >= inode.Used));
        }

        Volatile.Write(ref _inlineBytes, Math.Max(_inlineBytes, _sweptBytes));
        return due;
    }

    private void EndSweep()
    {
        Volatile.Write(ref _inlineBytes, _sweptBytes);
        _sweptBytes = 0;
        _next = 0;
    }

    private bool IsQuiet(ulong number, in Inode inode, long now) =>
        now - inode.ChangeTime >= options.SettleIdle.Ticks * TimeSpan.NanosecondsPerTick
        && !writeBack.IsBuffered(number);

    private bool HasMuch(in Inode inode) =>
        inode.InlineBytes >= (ulong)options.SettleBytes || _inlineBytes >= options.InlineBytesPerVolumeMax / 2;
}

/// <param name="Node">A file to be settled.</param>
/// <param name="Merges">Small extents are merged too; otherwise inline data moves, and nothing else.</param>
internal readonly record struct DueFile(NodeId Node, bool Merges);
