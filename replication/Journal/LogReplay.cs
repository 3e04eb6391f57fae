namespace Gateway.Replication.Journal;

/// <summary>Applies the groups of a log, in the order they were written, to an index.</summary>
internal sealed class LogReplay
{
    private bool _isPositioned;
    private bool _isCutOff;
    private ulong _missingUpTo;
    private ulong _assumedBase;
    private ulong _trimmed;

    public EntryIndex Index { get; } = new();

    public DamagedEntries Damaged { get; } = new();

    /// <summary>Entries are missing in a way that no identifier explains.</summary>
    public bool IsDamaged { get; private set; }

    public void Apply(ScannedGroup group)
    {
        var header = group.Header;
        switch (header.Kind)
        {
            case GroupKind.Entries:
                ApplyEntries(group);
                break;
            case GroupKind.Truncate:
                if (!_isPositioned) break;
                if (IsBehindAssumedBase(header.First)) ForgetPosition();
                else TruncateFrom(header.First);
                break;
            case GroupKind.Base:
                Position(header);
                Damaged.RemoveAll();
                IsDamaged = false;
                _missingUpTo = 0;
                _isCutOff = false;
                _assumedBase = 0;
                break;
            case GroupKind.Trim:
                ApplyTrim(header);
                break;
            case GroupKind.Repair:
                ApplyRepair(group);
                break;
        }
    }

    public void Complete()
    {
        // The first segment begins behind entries that nobody trimmed: older segments are missing.
        if (_assumedBase > _trimmed || _isCutOff) IsDamaged = true;

        // A gap behind an early trim is none when a later one, in a segment that follows, covers it.
        if (_missingUpTo > Index.Base.Index) IsDamaged = true;
    }

    // A truncation reached back into a segment that was trimmed since: what the first segment begins with was cut, and
    // the log that counts begins with what was written afterwards.
    private bool IsBehindAssumedBase(ulong first) => Index.Base.Index == _assumedBase && first <= _assumedBase;

    private void ForgetPosition()
    {
        _isPositioned = false;
        _isCutOff = true;
        Damaged.RemoveAll();
    }

    private static LogBase BaseOf(in GroupHeader header) =>
        new(header.First - 1, header.PreviousEpoch, header.PreviousChain);

    private void Position(in GroupHeader header)
    {
        Index.Reset(BaseOf(header), header.IsPreviousKnown);
        _isPositioned = true;
    }

    private void ApplyEntries(ScannedGroup group)
    {
        var header = group.Header;
        if (_isPositioned && IsBehindAssumedBase(header.First)) ForgetPosition();
        if (!_isPositioned)
        {
            Position(header);
            _assumedBase = header.First - 1;
            _isCutOff = false;
        }

        if (header.First <= Index.LastIndex) TruncateFrom(header.First);
        if (header.First > Index.LastIndex + 1) AddMissing(header);
        CheckPrevious(header);
        foreach (var entry in group.Entries) Add(entry.Epoch, entry.Slot);
    }

    private void Add(ulong epoch, EntrySlot slot)
    {
        Index.Add(epoch, slot);
        if (slot.IsDamaged) Damaged.Add(Index.LastIndex, epoch);
    }

    /// <summary>Of lost groups only the last epoch is known; earlier entries have at most that one.</summary>
    private void AddMissing(in GroupHeader next)
    {
        _missingUpTo = Math.Max(_missingUpTo, next.First - 1);
        while (Index.LastIndex + 1 < next.First)
        {
            var isLast = Index.LastIndex + 2 == next.First;
            Add(next.PreviousEpoch, isLast ? EntrySlot.DamagedWithChain(next.PreviousChain) : EntrySlot.Damaged);
        }
    }

    /// <summary>A lost group may have replaced the entry before this one without leaving a gap.</summary>
    private void CheckPrevious(in GroupHeader header)
    {
        if (!header.IsPreviousKnown || !Index.TryGetPosition(header.First - 1, out var epoch, out var chain)
            || (epoch == header.PreviousEpoch && chain == header.PreviousChain))
        {
            return;
        }

        IsDamaged = true;
        if (header.First - 1 == Index.Base.Index) return;
        TruncateFrom(header.First - 1);
        Add(header.PreviousEpoch, EntrySlot.DamagedWithChain(header.PreviousChain));
    }

    private void TruncateFrom(ulong index)
    {
        if (index <= Index.Base.Index) IsDamaged = true;
        Index.TruncateFrom(index);
        Damaged.RemoveFrom(Index.LastIndex + 1);
    }

    private void ApplyTrim(in GroupHeader header)
    {
        var position = BaseOf(header);
        _trimmed = Math.Max(_trimmed, position.Index);
        if (!_isPositioned || position.Index > Index.LastIndex)
        {
            // What lay between was in segments that are gone: trimmed by this or a later trim, and missed by nobody.
            _isCutOff = false;
            Position(header);
            Damaged.RemoveAll();
            return;
        }

        if (position.Index <= Index.Base.Index) return;
        Index.TrimTo(position.Index);
        Damaged.RemoveTo(position.Index);
    }

    private void ApplyRepair(ScannedGroup group)
    {
        foreach (var entry in group.Entries)
        {
            if (entry.Slot.IsDamaged || !Damaged.Contains(entry.Index)) continue;
            if (Index.EpochOf(entry.Index) != entry.Epoch) continue;

            Index[entry.Index] = entry.Slot;
            Damaged.Remove(entry.Index);
        }
    }
}
