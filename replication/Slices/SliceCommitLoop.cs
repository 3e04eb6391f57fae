using System.Diagnostics;
using System.Runtime.InteropServices;

namespace Gateway.Replication.Slices;

/// <summary>What the commit thread of a <see cref="SliceStore"/> does, one group after another.</summary>
internal sealed class SliceCommitLoop(SliceCatalog catalog, SliceWriter writer, SliceCompaction compaction)
{
    /// <summary>Compaction leaves the disk to the others for most of the time.</summary>
    private const long CompactionBytesPerSecond = 48 << 20;

    private const int PendingDiscardsMax = 64 << 10;

    private readonly Lock _gate = new();
    private readonly HashSet<SliceId> _pendingDiscards = [];
    private readonly Dictionary<SliceId, SliceWrite> _group = [];
    private long _compactAfter;
    private bool _wasFull;
    private volatile bool _mayHaveDead = true;

    public long AvailableBytes => writer.AvailableBytes;

    public long CompactedBytes => compaction.BytesMoved;

    public void Discard(ReadOnlySpan<SliceId> slices)
    {
        foreach (var id in slices)
        {
            if (!catalog.Discard(id)) continue;
            _mayHaveDead = true;

            // A record that cannot be kept is not lost for good: the owner's inventory finds the slice after a restart.
            lock (_gate)
            {
                if (_pendingDiscards.Count < PendingDiscardsMax) _pendingDiscards.Add(id);
            }
        }
    }

    /// <summary>Writes the group and the discards so far, flushes once, publishes; every write has its outcome then.</summary>
    public void Commit(List<SliceWrite> group)
    {
        _group.Clear();
        foreach (var write in group) write.Outcome = Place(write);
        if (group.Count == 0 && !HasDiscards()) return;

        PlaceDiscards();
        writer.Flush();
        foreach (var (id, write) in _group) catalog.Publish(id, write.Place);

        // A second write of a slice of the same group was answered by the first.
        foreach (var write in group) write.Outcome ??= _group[write.Slice.Id].Outcome;
    }

    /// <summary>Deletes dead segments, and moves living slices together at a bounded rate.</summary>
    public void KeepHouse()
    {
        var forgotten = new List<SliceId>();
        if (_mayHaveDead)
        {
            _mayHaveDead = false;
            compaction.DeleteDead(forgotten);
        }

        if (_wasFull || Stopwatch.GetTimestamp() >= _compactAfter)
        {
            _wasFull = false;
            var moved = compaction.CompactOne(forgotten);
            var pause = moved == 0 ? 1.0 : (double)moved / CompactionBytesPerSecond;
            _compactAfter = Stopwatch.GetTimestamp() + (long)(pause * Stopwatch.Frequency);
        }

        if (forgotten.Count == 0) return;
        lock (_gate) _pendingDiscards.ExceptWith(forgotten);
    }

    private SliceOutcome? Place(SliceWrite write)
    {
        var id = write.Slice.Id;
        if (_group.ContainsKey(id)) return null;

        var known = catalog.Find(id);
        if (known.State == SliceState.Dead) return SliceOutcome.Absent;
        if (known.State == SliceState.Live && !write.Replaces) return SliceOutcome.Ok;

        var outcome = writer.Place(
            write.Volume, write.Slice, write.Data.Span, known.State == SliceState.Damaged, out var place);
        _wasFull |= outcome == SliceOutcome.NoSpace;
        if (outcome != SliceOutcome.Ok) return outcome;
        write.Place = place;
        write.Outcome = outcome;
        _group.Add(id, write);
        return outcome;
    }

    private bool HasDiscards()
    {
        lock (_gate) return _pendingDiscards.Count > 0;
    }

    private void PlaceDiscards()
    {
        List<SliceId> ids;
        lock (_gate) ids = [.. _pendingDiscards];
        if (ids.Count == 0 || !writer.PlaceDiscards(CollectionsMarshal.AsSpan(ids))) return;
        lock (_gate) _pendingDiscards.ExceptWith(ids);
    }
}
