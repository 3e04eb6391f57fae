using Gateway.Replication.Disks;

namespace Gateway.Replication.Slices;

/// <summary>One segment file with its share of living bytes.</summary>
/// <remarks>
/// The commit thread changes it, under the store's lock where readers look. A reader holds a use of the file, so that
/// dropping the segment closes it only behind the last one.
/// </remarks>
internal sealed class SliceSegment(uint sequence, IDiskFile file, long bytes)
{
    private int _uses = 1;

    public uint Sequence { get; } = sequence;

    public string Name => SliceFormat.SegmentName(Sequence);

    public IDiskFile File { get; } = file;

    public long Bytes { get; } = bytes;

    /// <summary>Where the next record goes, or where the records end.</summary>
    public long End { get; set; }

    public long DurableEnd { get; set; }

    public bool IsSealed { get; set; }

    /// <summary>Bytes of records of live and damaged slices.</summary>
    public long LiveBytes { get; set; }

    /// <summary>A live slice in it is damaged: it is not compacted before the repair.</summary>
    public int Damaged { get; set; }

    /// <summary>Footer entries: offset and id of every record; an id of zeros for discards.</summary>
    public List<(long Offset, SliceId Id, int Length)> Records { get; } = [];

    /// <summary>Room for one more record, its footer entry and the trailer.</summary>
    public bool HasRoomFor(long recordBytes) =>
        End + recordBytes + SliceFormat.AlignUp((Records.Count + 1L) * SliceFormat.FooterEntryBytes)
            + SliceFormat.BlockBytes <= Bytes;

    public bool TryUse()
    {
        for (var uses = Volatile.Read(ref _uses); uses > 0; uses = Volatile.Read(ref _uses))
        {
            if (Interlocked.CompareExchange(ref _uses, uses + 1, uses) == uses) return true;
        }

        return false;
    }

    public void EndUse()
    {
        if (Interlocked.Decrement(ref _uses) == 0) File.Dispose();
    }
}
