using Gateway.Replication.Rows;

namespace Gateway.Replication.Store;

/// <summary>Rebuilds rows from a checkpoint; replay of the journal behind its position follows.</summary>
public static class CheckpointReader
{
    /// <summary>
    /// Replaces all rows. Ok: the rows, their number and their set hash are those of the manifest. Otherwise the rows
    /// are empty, and an older checkpoint or a later try is next.
    /// </summary>
    public static async ValueTask<StoreOutcome> RestoreAsync(
        CheckpointManifest manifest, ISliceStorage slices, IRowStore rows, CancellationToken cancellation)
    {
        rows.Clear();
        var outcome = await LoadAsync(manifest, slices, rows, cancellation);
        if (outcome == StoreOutcome.Ok && (rows.Count != manifest.Count || rows.SetHash != manifest.SetHash))
            outcome = StoreOutcome.Damaged;
        if (outcome != StoreOutcome.Ok)
        {
            rows.Clear();
            return outcome;
        }

        // Only now, with everything compared, do the rows have a position; without one they are discarded.
        rows.Apply(new RowBatchReader(default), manifest.Position);
        return StoreOutcome.Ok;
    }

    private static async ValueTask<StoreOutcome> LoadAsync(
        CheckpointManifest manifest, ISliceStorage slices, IRowStore rows, CancellationToken cancellation)
    {
        foreach (var slice in manifest.Slices)
        {
            var bytes = GC.AllocateUninitializedArray<byte>(slice.Length);
            var outcome = await slices.ReadSliceAsync(slice, 0, bytes, cancellation);
            if (outcome != StoreOutcome.Ok) return outcome;
            if (!CheckpointSlice.TryRead(bytes, out var batch)) return StoreOutcome.Damaged;
            rows.Apply(batch, default);
        }

        return StoreOutcome.Ok;
    }
}
