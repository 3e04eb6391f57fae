using Gateway.Replication.Slices;
using Gateway.Replication.Store;
using Gateway.Replication.Wire;

namespace Gateway.Replication.Owner;

/// <summary>
/// Compares what a node has with what is live: what it lacks is owed to it, and what it has of earlier epochs that
/// nothing refers to is freed there (PROTOCOL §5.5).
/// </summary>
/// <remarks>
/// The live slices are those of a snapshot taken after this epoch's start was committed and before the node was
/// asked. So whatever is live and not listed is missing, and a listed slice of an earlier epoch that is not live
/// never can be again. Slices of this epoch that are not live may be referenced in a moment, and are left alone.
/// </remarks>
internal sealed class Inventory(VolumeIdentity volume, IVolumeStore store, OwedSlices owed)
{
    private const int LiveBatch = 4096;

    private long _orphansFreed;

    public long OrphansFreed => Interlocked.Read(ref _orphansFreed);

    /// <summary>False when the node did not answer to the end.</summary>
    public async Task<bool> CompareAsync(NodePeer peer, CancellationToken cancellation)
    {
        using var snapshot = store.OpenSnapshot();
        var live = new LiveSlices(snapshot);
        var orphans = new List<SliceId>();
        var suspects = new List<SliceRef>();
        var from = default(SliceId);
        while (true)
        {
            if (await peer.InventoryAsync(volume.Volume, from, cancellation) is not { } reply) return false;

            // A node that was emptied does not know the volume until it is admitted again: it has nothing.
            var known = reply.Outcome == NodeOutcome.Ok;
            if (!known && reply.Outcome != NodeOutcome.UnknownVolume) return false;

            var runs = reply.Runs;
            for (var at = 0; at < runs.Length; at++) Merge(peer, live, runs.Span[at], orphans, suspects);
            if (known && !reply.Complete && runs.Length != 0)
            {
                var last = runs.Span[^1].Last;
                from = new SliceId(last.Epoch, last.Sequence + 1);
                if (!await FreeAsync(peer, orphans, FrameLimits.SliceIdsMax, cancellation)) return false;
                continue;
            }

            while (live.TryTakeBefore(null, out var missing)) Owe(peer, missing, suspects);
            return await NoteDamageAsync(peer, suspects, cancellation)
                && await FreeAsync(peer, orphans, 1, cancellation);
        }
    }

    private void Merge(
        NodePeer peer, LiveSlices live, SliceRun run, List<SliceId> orphans, List<SliceRef> suspects)
    {
        while (live.TryTakeBefore(run.First, out var missing)) Owe(peer, missing, suspects);
        for (ulong at = 0; at < run.Count; at++)
        {
            var id = new SliceId(run.First.Epoch, run.First.Sequence + at);
            if (!live.TakeIf(id) && id.Epoch < volume.Epoch) orphans.Add(id);
        }
    }

    private void Owe(NodePeer peer, SliceRef slice, List<SliceRef> suspects)
    {
        owed.Add(peer, slice);
        if (suspects.Count < FrameLimits.SliceIdsMax) suspects.Add(slice);
    }

    // A copy that the node knows to be damaged is not listed either. It is a finding, and its repair counts.
    private async Task<bool> NoteDamageAsync(NodePeer peer, List<SliceRef> suspects, CancellationToken cancellation)
    {
        if (suspects.Count == 0) return true;
        if (await peer.ConditionAsync(volume.Volume, cancellation) is not { } condition) return false;
        if (condition.DamagedSlices == 0) return true;

        var ids = suspects.ConvertAll(slice => slice.Id).ToArray();
        if (await peer.VerifySlicesAsync(volume.Volume, ids, cancellation) is not { } copies) return false;
        for (var at = 0; at < copies.Length; at++)
        {
            if (copies[at].Outcome != NodeOutcome.Damaged) continue;
            peer.CountDamage();
            owed.Add(peer, suspects[at], damaged: true);
        }

        return true;
    }

    private async Task<bool> FreeAsync(
        NodePeer peer, List<SliceId> orphans, int countMin, CancellationToken cancellation)
    {
        if (orphans.Count < countMin) return true;
        foreach (var ids in orphans.Chunk(FrameLimits.SliceIdsMax))
        {
            if (!await peer.DiscardAsync(volume, ids, cancellation)) return false;
            Interlocked.Add(ref _orphansFreed, ids.Length);
        }

        orphans.Clear();
        return true;
    }

    /// <summary>The live slices of a snapshot in ascending order, read in pieces.</summary>
    private sealed class LiveSlices(Rows.IRowSnapshot snapshot)
    {
        private readonly SliceRef[] _batch = new SliceRef[LiveBatch];
        private int _count;
        private int _at;
        private SliceId? _last;
        private bool _ended;

        public bool TryTakeBefore(SliceId? bound, out SliceRef slice)
        {
            slice = default;
            if (!Fill() || bound is { } end && _batch[_at].Id >= end) return false;
            slice = _batch[_at++];
            return true;
        }

        public bool TakeIf(SliceId id)
        {
            if (!Fill() || _batch[_at].Id != id) return false;
            _at++;
            return true;
        }

        private bool Fill()
        {
            if (_at < _count) return true;
            if (_ended) return false;
            _count = SystemRows.ReadLiveSlices(snapshot, _last, _batch);
            _at = 0;
            _ended = _count == 0;
            if (!_ended) _last = _batch[_count - 1].Id;
            return !_ended;
        }
    }
}
