using Gateway.Replication.Rows;
using Gateway.Replication.Slices;

namespace Gateway.Replication.Store;

/// <summary>
/// Writes all rows of a snapshot into slices, reads them back from the nodes, records them in the journal, and lets
/// the journal be trimmed behind the checkpoint before (PROTOCOL §4.2). The volume goes on meanwhile.
/// </summary>
internal sealed class CheckpointWriter(IVolumeStore store, ISliceStorage slices, IJournal journal)
{
    /// <summary>Ok: recorded and committed. Otherwise nothing refers to what was written.</summary>
    public async Task<(StoreOutcome Outcome, CheckpointManifest? Manifest)> WriteAsync(CancellationToken cancellation)
    {
        var written = new List<SliceRef>();
        var (outcome, manifest) = await WriteSlicesAsync(written, cancellation);
        for (var i = 0; outcome == StoreOutcome.Ok && i < written.Count; i++)
            outcome = await slices.VerifySliceAsync(written[i], cancellation);

        if (outcome != StoreOutcome.Ok)
        {
            slices.Discard(written.ConvertAll(slice => slice.Id).ToArray());
            return (outcome, null);
        }

        // From here on the slices may be referenced, whatever the answer is.
        outcome = await store.ExecuteAsync(new RecordCheckpoint(manifest!), CancellationToken.None);
        if (outcome != StoreOutcome.Ok) return (outcome, null);

        var forget = new ForgetCheckpoints();
        outcome = await store.ExecuteAsync(forget, CancellationToken.None);
        if (outcome == StoreOutcome.Ok && forget.OldestKept > 0) journal.Trim(forget.OldestKept);
        return (outcome, manifest);
    }

    private async Task<(StoreOutcome Outcome, CheckpointManifest? Manifest)> WriteSlicesAsync(
        List<SliceRef> written, CancellationToken cancellation)
    {
        using var snapshot = store.OpenSnapshot();
        using var cursor = snapshot.OpenCursor();
        var slice = new CheckpointSlice();
        var (_, journalBytes) = SystemRows.ReadClock(snapshot);
        var bytes = 0L;
        for (var found = cursor.Seek(default); found;)
        {
            slice.Clear();
            found = Fill(slice, cursor);
            var (outcome, stored) = await slices.WriteCheckpointSliceAsync(slice.Finish(), cancellation);
            if (outcome != StoreOutcome.Ok) return (outcome, null);
            written.Add(stored);
            bytes += stored.Length;
            if (written.Count > CheckpointManifest.SlicesMax) return (StoreOutcome.NoSpace, null);
        }

        var manifest = new CheckpointManifest(
            snapshot.Position, snapshot.Count, snapshot.SetHash, journalBytes, bytes, [.. written]);
        return (StoreOutcome.Ok, manifest);
    }

    /// <summary>False when the cursor came to the end; else it stands on the first row that did not fit.</summary>
    private static bool Fill(CheckpointSlice slice, IRowCursor cursor)
    {
        while (slice.TryAdd(cursor.Key, cursor.Value))
        {
            if (!cursor.MoveNext()) return false;
        }

        return true;
    }
}
