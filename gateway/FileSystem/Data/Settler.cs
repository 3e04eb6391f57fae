using System.Collections.Concurrent;
using Gateway.FileSystem.Changes;
using Gateway.Replication;
using Gateway.Replication.Slices;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Data;

/// <summary>
/// Moves inline data of files that are quiet, or have much of it, into slices, and merges small neighbouring extents.
/// Files with inline data are listed by J rows, so nothing is forgotten by a restart.
/// </summary>
/// <remarks>
/// A merge reads and writes far more than was written: a file that is being written is merged only once as much was
/// moved out of its rows as it holds, so that merging costs at most as much again. That also bounds what slices of
/// which little is left take up.
/// </remarks>
internal sealed class Settler(IVolumeStore store, FileTreeOptions options, TimeProvider clock, WriteBack writeBack)
{
    private const int FilesAtOnceMax = 4;
    private const int SuggestedMax = 1024;

    private const int BusyFilesMax = 1024;

    private readonly ConcurrentDictionary<NodeId, long> _suggested = new();
    private readonly ConcurrentDictionary<NodeId, long> _movedWhileBusy = new();
    private readonly InlineSweep _sweep = new(store, options, clock, writeBack);

    // The next round finds one again; the others of a busy round go.
    private readonly BufferPool _buffers = new(SliceLimits.BytesMax, SliceLimits.BytesMax);

    public long Settled { get; private set; }

    /// <summary>
    /// False when so much waits in rows that writes should take the longer way into slices themselves.
    /// </summary>
    public bool TakesInline => _sweep.InlineBytes < options.InlineBytesPerVolumeMax;

    public async Task RunRoundAsync(CancellationToken cancellation)
    {
        var due = _sweep.FindDue(_movedWhileBusy);
        foreach (var (node, since) in _suggested)
        {
            if (clock.GetElapsedTime(since) < options.SettleIdle || writeBack.IsBuffered(node.Inode)) continue;
            if (_suggested.TryRemove(node, out _)) due.Add(new DueFile(node, Merges: true));
        }

        for (var i = 0; i < due.Count && !cancellation.IsCancellationRequested; i += FilesAtOnceMax)
        {
            var together = due.Skip(i).Take(FilesAtOnceMax).Select(file => SettleAsync(file, cancellation));
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

    private async Task SettleAsync(DueFile file, CancellationToken cancellation)
    {
        if (file.Merges) _movedWhileBusy.TryRemove(file.Node, out _);
        for (long from = 0; !cancellation.IsCancellationRequested;)
        {
            var bytes = _buffers.Rent(SliceLimits.BytesMax);
            try
            {
                var pass = SettlePass.Plan(store, file.Node, from, file.Merges, bytes);
                if (pass.Runs.Count == 0)
                {
                    if (pass.Next == 0) return;
                    from = pass.Next;
                    continue;
                }

                if (!await MoveAsync(file.Node, pass, bytes, cancellation)) return;
                Settled++;
                if (!file.Merges) NoteMoved(file.Node, pass.Bytes);
                if (pass.Next == 0) return;
                from = pass.Next;
            }
            finally
            {
                _buffers.Return(bytes);
            }
        }
    }

    /// <summary>Beyond the bound a file is merged when it is quiet, like after a restart.</summary>
    private void NoteMoved(NodeId node, long bytes)
    {
        if (_movedWhileBusy.Count < BusyFilesMax || _movedWhileBusy.ContainsKey(node))
            _movedWhileBusy.AddOrUpdate(node, bytes, (_, moved) => moved + bytes);
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

        var written = await store.WriteSliceAsync(bytes.AsMemory(0, pass.Bytes), null, cancellation);
        if (written.Outcome != StoreOutcome.Ok) return false;

        var move = new RelocateMutation(node, pass.Runs, written.Slice);
        return await store.ExecuteAsync(move, CancellationToken.None) == StoreOutcome.Ok && move.Replaced > 0;
    }
}
