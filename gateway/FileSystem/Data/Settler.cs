using System.Collections.Concurrent;
using Gateway.FileSystem.Changes;
using Gateway.FileSystem.Tables;
using Gateway.Replication;
using Gateway.Replication.Slices;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Data;

/// <summary>
/// Moves inline data of files that are quiet, or have much of it, into slices, and merges small neighbouring extents.
/// Files with inline data are listed by J rows, so nothing is forgotten by a restart.
/// </summary>
internal sealed class Settler(IVolumeStore store, FileTreeOptions options, TimeProvider clock, WriteBack writeBack)
{
    private const int ScannedPerRoundMax = 8192;
    private const int FilesPerRoundMax = 512;
    private const int FilesAtOnceMax = 4;
    private const int SuggestedMax = 1024;

    private readonly ConcurrentDictionary<NodeId, long> _suggested = new();
    // The next round finds one again; the others of a busy round go.
    private readonly BufferPool _buffers = new(SliceLimits.BytesMax, SliceLimits.BytesMax);
    private ulong _next;

    public long Settled { get; private set; }

    public async Task RunRoundAsync(CancellationToken cancellation)
    {
        var due = FindDue();
        foreach (var (node, since) in _suggested)
        {
            if (clock.GetElapsedTime(since) < options.SettleIdle || writeBack.IsBuffered(node.Inode)) continue;
            if (_suggested.TryRemove(node, out _)) due.Add(node);
        }

        for (var i = 0; i < due.Count && !cancellation.IsCancellationRequested; i += FilesAtOnceMax)
        {
            var together = due.Skip(i).Take(FilesAtOnceMax).Select(node => SettleAsync(node, cancellation));
            await Task.WhenAll(together);
        }
    }

    /// <summary>
    /// A file got many small extents; when it is quiet they are merged. Lost by a restart, which costs speed only.
    /// </summary>
    public void Suggest(NodeId node)
    {
        if (_suggested.Count < SuggestedMax) _suggested[node] = clock.GetTimestamp();
    }

    /// <summary>Moves all inline data of a file, and merges what is small.</summary>
    public async Task SettleAsync(NodeId node, CancellationToken cancellation)
    {
        for (long from = 0; !cancellation.IsCancellationRequested;)
        {
            var bytes = _buffers.Rent(SliceLimits.BytesMax);
            try
            {
                var pass = SettlePass.Plan(store, node, from, bytes);
                if (pass.Runs.Count == 0)
                {
                    if (pass.Next == 0) return;
                    from = pass.Next;
                    continue;
                }

                if (!await MoveAsync(node, pass, bytes, cancellation)) return;
                Settled++;
                if (pass.Next == 0) return;
                from = pass.Next;
            }
            finally
            {
                _buffers.Return(bytes);
            }
        }
    }

    private List<NodeId> FindDue()
    {
        var due = new List<NodeId>();
        var now = Timestamp.Now(clock).Nanoseconds;
        Span<byte> key = stackalloc byte[RowKeys.OneNumberBytes];
        using var rows = store.OpenSnapshot();
        using var cursor = rows.OpenCursor();
        var more = cursor.Seek(RowKeys.One(key, RowKeys.InlinePrefix, _next));
        for (var left = ScannedPerRoundMax; left > 0 && due.Count < FilesPerRoundMax; left--, more = cursor.MoveNext())
        {
            if (!more || !RowKeys.HasPrefix(cursor.Key, RowKeys.InlinePrefix))
            {
                _next = 0;
                return due;
            }

            var number = RowKeys.FirstNumber(cursor.Key);
            _next = number + 1;
            if (NodeRows.TryGet(rows, number, out var inode) && IsDue(number, inode, now))
                due.Add(new NodeId(number, inode.Generation));
        }

        return due;
    }

    private bool IsDue(ulong number, in Inode inode, long now)
    {
        if (inode.InlineBytes >= (ulong)options.SettleBytes) return true;
        var idle = now - inode.ChangeTime >= options.SettleIdle.Ticks * TimeSpan.NanosecondsPerTick;
        return idle && !writeBack.IsBuffered(number);
    }

    private async ValueTask<bool> MoveAsync(NodeId node, SettlePass pass, byte[] bytes, CancellationToken cancellation)
    {
        foreach (var run in pass.Runs)
        {
            var at = run.SliceOffset;
            foreach (var extent in run.Extents)
            {
                if (!extent.IsInline)
                {
                    var read = await store.ReadSliceAsync(
                        extent.Slice, extent.SliceOffset, bytes.AsMemory(at, extent.Length), cancellation);
                    if (read != StoreOutcome.Ok) return false;
                }

                at += extent.Length;
            }
        }

        var written = await store.WriteSliceAsync(bytes.AsMemory(0, pass.Bytes), cancellation);
        if (written.Outcome != StoreOutcome.Ok) return false;

        var move = new RelocateMutation(node, pass.Runs, written.Slice);
        return await store.ExecuteAsync(move, CancellationToken.None) == StoreOutcome.Ok && move.Replaced > 0;
    }
}
