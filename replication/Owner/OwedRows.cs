using Gateway.Replication.Slices;
using Gateway.Replication.Store;

namespace Gateway.Replication.Owner;

/// <summary>Keeps the ledger of owed slices in the volume's rows, a little behind.</summary>
internal sealed class OwedRows(VolumePeers peers, IVolumeStore store, OwedSlices owed)
{
    private const int RowsPerMutationMax = 1000;

    private long _recorded;

    /// <summary>Changes of rows that were committed.</summary>
    public long Recorded => Interlocked.Read(ref _recorded);

    /// <summary>Takes over what an earlier owner had recorded.</summary>
    public void Load()
    {
        using var snapshot = store.OpenSnapshot();
        foreach (var (node, id) in SystemRows.ReadOwed(snapshot, OwedSlices.PerNodeMax))
        {
            var peer = peers.Data.FirstOrDefault(peer => peer.Node == node);
            if (peer is null) continue;

            // Without a live row the slice is gone; the entry is dropped when it is healed, together with its row.
            if (!SystemRows.TryFindLiveSlice(snapshot, id, out var slice)) slice = new SliceRef(id, 0, 0);
            owed.Add(peer, slice, recorded: true);
        }
    }

    /// <summary>Writes the ledger's changes; what cannot be written is found again by comparing inventories.</summary>
    public async Task RecordAsync(CancellationToken cancellation)
    {
        while (owed.TakeUnrecorded(RowsPerMutationMax) is { Count: > 0 } changes)
        {
            var mutation = new SystemRowChange();
            foreach (var change in changes)
            {
                var key = SystemRows.OwedKey(change.Node, change.Slice);
                if (change.Owed) mutation.Put(key, []);
                else mutation.Delete(key);
            }

            // Without a majority it may take long; whoever stops does not wait for it.
            await store.ExecuteAsync(mutation, cancellation).AsTask().WaitAsync(cancellation);
            Interlocked.Increment(ref _recorded);
        }
    }
}
