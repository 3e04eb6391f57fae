using Gateway.Replication.Journal;
using Gateway.Replication.Quorum;
using Gateway.Replication.Rows;
using Gateway.Replication.Store;
using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Owner;

/// <summary>
/// Rebuilds rows that a crash of the machine took, when the journal no longer reaches back to its beginning: finds the
/// checkpoints that the journal names, and loads the newest one that is intact. Replay of the journal behind it
/// follows.
/// </summary>
internal sealed class RowRebuild(
    VolumeRecord record, IReadOnlyList<NodePeer> peers, ISliceStorage slices, TimeProvider time, ILogger logger)
{
    private static readonly TimeSpan FetchTimeout = TimeSpan.FromSeconds(10);

    /// <exception cref="VolumeLostException">No intact checkpoint was found on the nodes that answer.</exception>
    public async Task RestoreAsync(LogBase oldest, IRowStore rows, CancellationToken cancellation)
    {
        foreach (var peer in peers)
        {
            if (!peer.JournalUp) continue;
            foreach (var manifest in await FindAsync(peer, oldest, cancellation))
            {
                Log.Rebuilding(logger, manifest.Position.Index);
                if (await CheckpointReader.RestoreAsync(manifest, slices, rows, cancellation) == StoreOutcome.Ok)
                    return;
            }
        }

        throw new VolumeLostException("The rows are lost, and no intact checkpoint is on the nodes that answer.");
    }

    // Newest first. A checkpoint's rows were committed before its entry was written, whether or not that is.
    private async Task<List<CheckpointManifest>> FindAsync(
        NodePeer peer, LogBase oldest, CancellationToken cancellation)
    {
        var found = new List<CheckpointManifest>();
        var from = oldest.Index + 1;
        while (await FetchAsync(peer, from, cancellation) is { Entries.Length: > 0 } reply)
        {
            for (var at = 0; at < reply.Entries.Length; at++) Note(reply.Entries.Span[at], oldest, found);
            from += (ulong)reply.Entries.Length;
        }

        found.Reverse();
        return found;
    }

    private static void Note(JournalEntry entry, LogBase oldest, List<CheckpointManifest> found)
    {
        if (entry.Type != JournalEntryType.Checkpoint) return;
        var manifest = CheckpointManifest.Read(entry.Payload.Span);
        if (manifest is not null && manifest.Position.Index >= oldest.Index) found.Add(manifest);
    }

    private async Task<FetchReply?> FetchAsync(NodePeer peer, ulong from, CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(FetchTimeout, time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        var header = new RequestHeader(
            record.VolumeId, record.Epoch, record.OwnerId, record.ConfigGeneration,
            record.Members[peer.Slot].Incarnation, time.GetTimestamp());
        var request = new FetchRequest
        {
            Header = header,
            FromIndex = from,
            ToIndex = ulong.MaxValue,
            BytesMax = FetchRequest.DefaultBytesMax,
        };
        return await peer.AskAsync(request, either.Token) as FetchReply;
    }
}
