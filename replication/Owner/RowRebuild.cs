using Gateway.Replication.Journal;
using Gateway.Replication.Rows;
using Gateway.Replication.Store;
using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Owner;

/// <summary>
/// Rebuilds rows that a crash of the machine took, when the journal no longer reaches back to its beginning: finds the
/// checkpoints that the journals of the nodes name, and loads the newest one that is intact. Replay of the journal
/// behind it follows.
/// </summary>
internal sealed class RowRebuild(CheckpointSearch search, ISliceStorage slices, ILogger logger)
{
    /// <exception cref="VolumeLostException">No intact checkpoint was found on the nodes that answer.</exception>
    public async Task RestoreAsync(LogBase oldest, IRowStore rows, CancellationToken cancellation)
    {
        foreach (var manifest in await search.FindAsync(oldest, cancellation))
        {
            Log.Rebuilding(logger, manifest.Position.Index);
            if (await LoadAsync(manifest, rows, cancellation) == StoreOutcome.Ok) return;
        }

        throw new VolumeLostException("The rows are lost, and no intact checkpoint is on the nodes that answer.");
    }

    private async Task<StoreOutcome> LoadAsync(
        CheckpointManifest manifest, IRowStore rows, CancellationToken cancellation)
    {
        try
        {
            return await CheckpointReader.RestoreAsync(manifest, slices, rows, cancellation);
        }
        catch (OperationCanceledException)
        {
            // Rows without a position would be taken for none at all.
            rows.Clear();
            throw;
        }
    }
}
