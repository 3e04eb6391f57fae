using System.Runtime.InteropServices;

namespace Gateway.Replication.Slices;

/// <summary>Gives the space of dead slices back: deletes dead segments, rewrites those with much dead. Commit thread.</summary>
internal sealed class SliceCompaction(SliceStoreOptions options, SliceCatalog catalog, SliceWriter writer, SliceReader reader)
{
    private readonly byte[] _buffer = GC.AllocateUninitializedArray<byte>(SliceLimits.BytesMax);

    /// <summary>Bytes that compaction wrote.</summary>
    public long BytesMoved { get; private set; }

    /// <summary>Deletes every sealed segment without living slices; how many there were.</summary>
    /// <param name="forgotten">Receives slices that are gone with their bytes: their discards need no record.</param>
    public int DeleteDead(List<SliceId> forgotten)
    {
        var deleted = 0;
        foreach (var segment in catalog.Segments)
        {
            if (!segment.IsSealed || segment.LiveBytes > 0) continue;
            KeepDiscards(segment, forgotten);
            deleted++;
        }

        return deleted;
    }

    /// <summary>
    /// Moves the living slices of the emptiest segment behind the others and deletes it. The bytes moved, 0 when there is
    /// nothing worth it.
    /// </summary>
    public long CompactOne(List<SliceId> forgotten)
    {
        var chosen = Choose();
        if (chosen is null) return 0;

        long moved = 0;
        var moves = new List<(SliceId Id, SlicePlace From, SlicePlace To)>();
        foreach (var (offset, id, length) in chosen.Records)
        {
            if (length == 0) continue;
            var place = catalog.Find(id);
            if (place.State != SliceState.Live || place.Segment != chosen.Sequence || place.Offset != offset) continue;

            // A copy that turns out damaged stays where it is, and its segment with it, until the repair is durable.
            if (reader.Verify(id, out var slice, out var volume, _buffer).Outcome != SliceOutcome.Ok
                || writer.Place(volume, slice, _buffer.AsSpan(0, length), mayUseReserve: true, out var to) != SliceOutcome.Ok)
            {
                break;
            }

            moves.Add((id, place, to));
            moved += place.RecordBytes;
        }

        writer.Flush();
        foreach (var (id, from, to) in moves) catalog.Move(id, from, to);
        BytesMoved += moved;
        if (chosen.LiveBytes == 0) KeepDiscards(chosen, forgotten);
        return moved;
    }

    private SliceSegment? Choose()
    {
        SliceSegment? chosen = null;
        foreach (var segment in catalog.Segments)
        {
            if (!segment.IsSealed || segment.Damaged > 0 || segment.LiveBytes == 0) continue;
            if (segment.LiveBytes > (long)(segment.Bytes * (1 - options.DeadShareMax))) continue;
            if (chosen is null || segment.LiveBytes < chosen.LiveBytes) chosen = segment;
        }

        return chosen;
    }

    /// <summary>
    /// The discards that a segment records must outlive it while a discarded slice's bytes lie elsewhere: they are
    /// recorded again first.
    /// </summary>
    private void KeepDiscards(SliceSegment segment, List<SliceId> forgotten)
    {
        var kept = new List<SliceId>();
        var scan = new SliceScan(segment);
        scan.ReadAllDiscards();
        foreach (var id in scan.Discarded)
        {
            var place = catalog.Find(id);
            if (place.State == SliceState.Dead && place.Segment != segment.Sequence) kept.Add(id);
        }

        if (kept.Count > 0)
        {
            if (!writer.PlaceDiscards(CollectionsMarshal.AsSpan(kept))) return;
            writer.Flush();
        }

        foreach (var (_, id, length) in segment.Records)
        {
            if (length > 0) forgotten.Add(id);
        }

        writer.Delete(segment);
    }
}
