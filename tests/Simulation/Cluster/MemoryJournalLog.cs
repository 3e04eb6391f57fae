using Gateway.Replication.Disks;
using Gateway.Replication.Journal;

namespace Gateway.Simulation.Cluster;

/// <summary>
/// A log in memory that forgets like one on a disk: a crash keeps what was flushed, or that with the truncation
/// and any first part of what was appended since.
/// </summary>
internal sealed class MemoryJournalLog : IJournalLog
{
    private readonly List<JournalEntry> _entries = [];
    private readonly List<JournalEntry> _durable = [];
    private readonly SortedSet<ulong> _damaged = [];
    private readonly SortedSet<ulong> _unnoticed = [];
    private readonly List<EntryId> _damagedIds = [];
    private LogBase _durableBase;
    private ulong _sameUpTo;
    private bool _poisoned;
    private bool _lostUnnamed;

    public LogBase Base { get; private set; }

    public ulong LastIndex => Base.Index + (ulong)_entries.Count;

    public ulong LastEpoch => _entries.Count == 0 ? Base.Epoch : _entries[^1].Epoch;

    public IReadOnlyList<EntryId> Damaged => _damagedIds;

    public bool RecoveredWithDamage { get; private set; }

    public bool HasRot => _damaged.Count + _unnoticed.Count != 0;

    /// <summary>Fails the flush after next to nothing; like a power cut in the middle of it.</summary>
    public bool FailNextFlush { get; set; }

    public bool TryGetPosition(ulong index, out ulong epoch, out ulong chain)
    {
        (epoch, chain) = (0, 0);
        if (index < Base.Index || index > LastIndex) return false;

        (epoch, chain) = index == Base.Index ? (Base.Epoch, Base.Chain) : (At(index).Epoch, At(index).Chain);
        return true;
    }

    public EntryRead Read(ulong index)
    {
        if (index <= Base.Index) return new EntryRead(EntryPresence.Trimmed, null);
        if (index > LastIndex) return new EntryRead(EntryPresence.Absent, null);
        if (_unnoticed.Remove(index)) MarkDamaged(index);
        return _damaged.Contains(index)
            ? new EntryRead(EntryPresence.Damaged, null)
            : new EntryRead(EntryPresence.Present, At(index));
    }

    public void Append(ReadOnlySpan<JournalEntry> entries)
    {
        Check();
        foreach (var entry in entries)
        {
            if (entry.Index <= LastIndex)
            {
                // A repair in place: durable with the next flush, but losing it again is only losing what was lost.
                if (!_damaged.Remove(entry.Index)) throw new InvalidOperationException($"{entry.Id} is not damaged.");
                _damagedIds.RemoveAll(id => id.Index == entry.Index);
                continue;
            }

            _entries.Add(entry);
        }
    }

    public void TruncateFrom(ulong index)
    {
        Check();
        _entries.RemoveRange(Slot(index), _entries.Count - Slot(index));
        _sameUpTo = Math.Min(_sameUpTo, index - 1);
        ForgetDamage(damaged => damaged >= index);
    }

    public long Flush()
    {
        Check();
        if (FailNextFlush)
        {
            FailNextFlush = false;
            _poisoned = true;
            throw new DiskException(DiskFault.Failed, "The simulated flush failed.");
        }

        var same = (int)(_sameUpTo - Math.Min(_sameUpTo, Base.Index));
        if (_durableBase != Base)
        {
            _durable.Clear();
            _durableBase = Base;
            same = 0;
        }

        _durable.RemoveRange(same, _durable.Count - same);
        for (var at = same; at < _entries.Count; at++) _durable.Add(_entries[at]);
        var written = (long)(LastIndex - _sameUpTo);
        _sameUpTo = LastIndex;
        return written;
    }

    public void Trim(ulong index)
    {
        Check();
        if (index <= Base.Index) return;

        var newBase = new LogBase(index, At(index).Epoch, At(index).Chain);
        _entries.RemoveRange(0, (int)(index - Base.Index));
        Base = newBase;
        _sameUpTo = Math.Max(_sameUpTo, index);
        ForgetDamage(damaged => damaged <= index);
    }

    public void InstallBase(LogBase newBase)
    {
        Check();
        _entries.Clear();
        Base = newBase;
        _sameUpTo = newBase.Index;
        ForgetDamage(_ => true);
    }

    public void Dispose()
    {
    }

    /// <summary>Chooses what survives.</summary>
    public void Crash(Random random)
    {
        if (Base == _durableBase && random.Next(2) == 0)
        {
            var same = (int)(_sameUpTo - Base.Index);
            var kept = same + random.Next(_entries.Count - same + 1);
            _durable.RemoveRange(same, _durable.Count - same);
            for (var at = same; at < kept; at++) _durable.Add(_entries[at]);
        }
        else if (Base != _durableBase && random.Next(2) == 0)
        {
            _durable.Clear();
            _durableBase = Base;
            _durable.AddRange(_entries.Take((int)(_sameUpTo - Base.Index)));
        }

        FailNextFlush = false;
        _poisoned = true;
    }

    /// <summary>Reads back what survived.</summary>
    public void Recover()
    {
        _poisoned = false;
        Base = _durableBase;
        _entries.Clear();
        _entries.AddRange(_durable);
        _sameUpTo = LastIndex;
        ForgetDamage(damaged => damaged <= Base.Index || damaged > LastIndex);

        // A recovery scan reads everything.
        foreach (var index in _unnoticed) MarkDamaged(index);
        _unnoticed.Clear();
        RecoveredWithDamage = _lostUnnamed || _damaged.Count != 0;
        _lostUnnamed = false;
    }

    public bool Rot(Random random, bool noticed)
    {
        if (_durable.Count == 0) return false;

        var slot = random.Next(_durable.Count);
        var index = _durableBase.Index + 1 + (ulong)slot;
        if (!noticed)
        {
            if (index <= Base.Index || index > _sameUpTo || _damaged.Contains(index)) return false;
            _unnoticed.Add(index);
            return true;
        }

        // Identifiers lost too: nothing is known from here on. Else the entry alone is lost.
        _lostUnnamed = random.Next(3) == 0;
        if (_lostUnnamed) _durable.RemoveRange(slot, _durable.Count - slot);
        else _unnoticed.Add(index);
        return true;
    }

    /// <summary>
    /// After <see cref="Recover"/>: the classical error of ending the log at the first bad checksum.
    /// </summary>
    public void CutAtDamage()
    {
        RecoveredWithDamage = false;
        if (_damaged.Count == 0) return;

        TruncateFrom(_damaged.Min);
        Flush();
    }

    private void MarkDamaged(ulong index)
    {
        if (!_damaged.Add(index)) return;

        _damagedIds.Clear();
        foreach (var damaged in _damaged) _damagedIds.Add(At(damaged).Id);
    }

    private void ForgetDamage(Predicate<ulong> gone)
    {
        if (_damaged.Count + _unnoticed.Count == 0) return;

        _damaged.RemoveWhere(gone);
        _unnoticed.RemoveWhere(gone);
        _damagedIds.RemoveAll(id => gone(id.Index));
    }

    private JournalEntry At(ulong index) => _entries[Slot(index)];

    private int Slot(ulong index) => (int)(index - Base.Index) - 1;

    private void Check()
    {
        if (_poisoned) throw new DiskException(DiskFault.Failed, "The simulated log is poisoned.");
    }
}
