using Gateway.Replication.Slices;
using Gateway.Replication.Store;

namespace Gateway.Replication.Owner;

/// <summary>Brings one slice to one node that lacks it or has it damaged, from any good copy.</summary>
internal sealed class SliceCopying(
    VolumeIdentity volume, IVolumeStore store, SliceFetch fetch, WrittenSlices writtenSlices, OwedSlices owed, HealPace pace)
{
    private long _slices;
    private long _bytes;

    public long Slices => Interlocked.Read(ref _slices);

    public long Bytes => Interlocked.Read(ref _bytes);

    /// <summary>Copies one slice to a node; false when the node or the source cannot do it now.</summary>
    public async Task<bool> CopyAsync(NodePeer peer, OwedSlice one, CancellationToken cancellation)
    {
        var slice = one.Slice;

        // Freed, or never referred to: a node that failed late was owed it again behind that. The written ones are asked first.
        var mayBecomeLive = slice.Length != 0 && writtenSlices.Contains(slice.Id);
        var live = IsLive(slice.Id);
        if (!live && !mayBecomeLive)
        {
            owed.Remove(peer, slice.Id);
            return true;
        }

        var began = await pace.BeginAsync(slice.Length, cancellation);
        var isDone = await DeliverAsync(peer, one, live, cancellation);
        await pace.RestAsync(began, cancellation);
        return isDone;
    }

    private async Task<bool> DeliverAsync(NodePeer peer, OwedSlice one, bool live, CancellationToken cancellation)
    {
        var slice = one.Slice;
        var (outcome, run) = await fetch.FetchAsync(slice, 0, slice.Length, peer, cancellation);
        if (run is null)
        {
            // No good copy anywhere else: for a live slice that is for a person to see, in status and verify.
            if (outcome == StoreOutcome.Damaged && !live) owed.Remove(peer, slice.Id);
            return outcome == StoreOutcome.Damaged;
        }

        var written = await peer.WriteCopyAsync(volume, slice, run, one.Damaged, cancellation);
        run.Release();
        if (!written) return false;

        owed.Remove(peer, slice.Id);
        if (one.Damaged) peer.CountRepair();
        Interlocked.Increment(ref _slices);
        Interlocked.Add(ref _bytes, slice.Length);
        return true;
    }

    private bool IsLive(SliceId slice)
    {
        using var snapshot = store.OpenSnapshot();
        return SystemRows.TryFindLiveSlice(snapshot, slice, out _);
    }
}
