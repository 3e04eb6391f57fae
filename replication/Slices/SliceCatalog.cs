namespace Gateway.Replication.Slices;

/// <summary>The slices and segments of a node in memory, shared by the commit thread and the readers.</summary>
/// <remarks>One lock, never held during I/O.</remarks>
internal sealed class SliceCatalog
{
    private readonly Lock _gate = new();
    private readonly SliceIndex _index = new();
    private readonly SortedDictionary<uint, SliceSegment> _segments = [];

    /// <summary>
    /// Older copies of repaired slices, whose records still lie in a segment: a discard must be remembered until they are
    /// gone too.
    /// </summary>
    private readonly Dictionary<SliceId, SlicePlace> _superseded = [];

    public long DamageFound { get; private set; }

    public long DamageRepaired { get; private set; }

    public (long Count, long Bytes, int Damaged) Totals
    {
        get
        {
            lock (_gate) return (_index.Live, _index.LiveBytes, _index.Damaged);
        }
    }

    public List<SliceSegment> Segments
    {
        get
        {
            lock (_gate) return [.. _segments.Values];
        }
    }

    public void Add(SliceSegment segment)
    {
        lock (_gate) _segments.Add(segment.Sequence, segment);
    }

    public void NoteFound(int records)
    {
        lock (_gate) DamageFound += records;
    }

    /// <summary>The place of a slice, without its segment.</summary>
    public SlicePlace Find(SliceId id)
    {
        lock (_gate) return _index[id];
    }

    /// <summary>The place of a slice with a use of its segment, which the caller ends; null when it is not there.</summary>
    public SliceSegment? TryUse(SliceId id, out SlicePlace place)
    {
        lock (_gate)
        {
            place = _index[id];
            return place.State is SliceState.Live or SliceState.Damaged
                && _segments.TryGetValue(place.Segment, out var segment) && segment.TryUse()
                ? segment : null;
        }
    }

    /// <summary>A copy became durable at a place; an older one, damaged or being moved, is no longer the slice's.</summary>
    public void Publish(SliceId id, SlicePlace place)
    {
        lock (_gate)
        {
            var old = _index[id];
            if (old.State == SliceState.Dead) return;
            if (old.State == SliceState.Damaged) DamageRepaired++;
            Replace(id, old, place);
        }
    }

    /// <summary>A record found at start. Of two copies the later counts, unless only the earlier is intact.</summary>
    public void Load(SliceId id, SlicePlace place)
    {
        lock (_gate)
        {
            var old = _index[id];
            if (old.State == SliceState.Live && place.State == SliceState.Damaged) _superseded[id] = place;
            else Replace(id, old, place);
        }
    }

    /// <summary>Moves a slice, unless it was discarded or rewritten meanwhile.</summary>
    public void Move(SliceId id, SlicePlace from, SlicePlace to)
    {
        lock (_gate)
        {
            if (_index[id] != from) return;
            Uncount(from);
            _index[id] = to;
            Count(to);
        }
    }

    /// <summary>True when the slice was there; its bytes stay until its segment goes.</summary>
    public bool Discard(SliceId id)
    {
        lock (_gate)
        {
            var old = _index[id];
            if (old.State is not (SliceState.Live or SliceState.Damaged)) return false;
            Uncount(old);
            _index[id] = old.As(SliceState.Dead);
            return true;
        }
    }

    public bool IsDead(SliceId id) => Find(id).State == SliceState.Dead;

    public void MarkDamaged(SliceId id, SlicePlace found)
    {
        lock (_gate)
        {
            if (_index[id] != found || found.State != SliceState.Live) return;
            Uncount(found);
            _index[id] = found.As(SliceState.Damaged);
            Count(_index[id]);
            DamageFound++;
        }
    }

    /// <summary>Forgets a segment and the dead slices in it; ends the catalog's use of its file.</summary>
    public void Drop(SliceSegment segment)
    {
        lock (_gate)
        {
            _segments.Remove(segment.Sequence);
            foreach (var (_, id, length) in segment.Records)
            {
                if (length == 0) continue;
                if (_superseded.TryGetValue(id, out var older) && older.Segment == segment.Sequence) _superseded.Remove(id);
                if (_index[id] is { State: SliceState.Dead } place && place.Segment == segment.Sequence)
                    _index[id] = _superseded.Remove(id, out older) ? older.As(SliceState.Dead) : default;
            }
        }

        segment.EndUse();
    }

    public List<(SliceId Id, SlicePlace Place)> List(SliceId first, int max)
    {
        lock (_gate) return [.. _index.From(first).Where(s => s.Place.State != SliceState.Dead).Take(max)];
    }

    /// <summary>Runs of intact slices from an id on; false when the list was cut.</summary>
    public bool ListRuns(SliceId first, int runsMax, List<(SliceId First, ulong Count)> runs)
    {
        lock (_gate)
        {
            foreach (var (id, place) in _index.From(first))
            {
                if (place.State != SliceState.Live) continue;
                if (runs.Count > 0 && runs[^1] is var last && last.First.Epoch == id.Epoch
                    && last.First.Sequence + last.Count == id.Sequence)
                {
                    runs[^1] = (last.First, last.Count + 1);
                    continue;
                }

                if (runs.Count == runsMax) return false;
                runs.Add((id, 1));
            }

            return true;
        }
    }

    public void Close()
    {
        foreach (var segment in Segments) segment.EndUse();
    }

    private void Replace(SliceId id, SlicePlace old, SlicePlace place)
    {
        Uncount(old);
        if (old.State != SliceState.None && old.Segment != place.Segment) _superseded[id] = old;
        _index[id] = place;
        Count(place);
    }

    private void Count(SlicePlace place)
    {
        if (!_segments.TryGetValue(place.Segment, out var segment)) return;
        if (place.State == SliceState.Damaged) segment.Damaged++;
        if (place.State is SliceState.Live or SliceState.Damaged) segment.LiveBytes += place.RecordBytes;
    }

    private void Uncount(SlicePlace place)
    {
        if (!_segments.TryGetValue(place.Segment, out var segment)) return;
        if (place.State == SliceState.Damaged) segment.Damaged--;
        if (place.State is SliceState.Live or SliceState.Damaged) segment.LiveBytes -= place.RecordBytes;
    }
}
