using Gateway.Replication.Journal;
using Gateway.Replication.Store;

namespace Gateway.Replication.Owner;

/// <summary>
/// The checkpoints that the journals of the nodes name. A majority of nodes is enough: one of it has the newest that was
/// committed. So the control record need not carry a hint, which could only be older.
/// </summary>
internal sealed class CheckpointSearch(VolumePeers peers, IJournalReading journal)
{
    /// <summary>
    /// Newest first, whichever node names it. A checkpoint's rows were committed before its entry was written, whether
    /// or not that is.
    /// </summary>
    /// <param name="oldest">The oldest base of the nodes' journals: replay begins nowhere before it.</param>
    public async Task<List<CheckpointManifest>> FindAsync(LogBase oldest, CancellationToken cancellation)
    {
        using var enough = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var reading = peers.Voters.Where(peer => peer.JournalUp)
            .ToDictionary(peer => ReadAsync(peer, oldest, enough.Token), peer => peer.Node);
        var found = new SortedDictionary<ulong, CheckpointManifest>();
        var answered = new HashSet<string>();
        while (reading.Count != 0 && !peers.Record.IsHeldByMajorities(answered.Contains))
        {
            var read = await Task.WhenAny(reading.Keys);
            var (manifests, isComplete) = await read;
            foreach (var manifest in manifests) found[manifest.Position.Index] = manifest;
            if (isComplete) answered.Add(reading[read]);
            reading.Remove(read);
        }

        await enough.CancelAsync();
        cancellation.ThrowIfCancellationRequested();
        return [.. found.Values.Reverse()];
    }

    // All that the node's journal names; not complete when the node stopped answering.
    private async Task<(List<CheckpointManifest> Found, bool IsComplete)> ReadAsync(
        NodePeer peer, LogBase oldest, CancellationToken cancellation)
    {
        var found = new List<CheckpointManifest>();
        var from = oldest.Index + 1;
        while (await journal.ReadAsync(peer, from, cancellation) is { } reply)
        {
            for (var at = 0; at < reply.Entries.Length; at++) Note(reply.Entries.Span[at], oldest, found);
            from += (ulong)reply.Entries.Length;

            // What is damaged here is on another node, or was not committed.
            if (reply.Next == EntryPresence.Damaged) from++;
            else if (reply.Next == EntryPresence.Trimmed && from <= reply.Base.Index) from = reply.Base.Index + 1;
            else if (reply.Entries.IsEmpty) return (found, true);
        }

        return (found, false);
    }

    private static void Note(JournalEntry entry, LogBase oldest, List<CheckpointManifest> found)
    {
        if (entry.Type != JournalEntryType.Checkpoint) return;
        var manifest = CheckpointManifest.Read(entry.Payload.Span);
        if (manifest is not null && manifest.Position.Index >= oldest.Index) found.Add(manifest);
    }
}
