using Gateway.Replication.Checksums;
using Gateway.Replication.Disks;

namespace Gateway.Replication.Journal;

public sealed partial class JournalLog
{
    private readonly GroupWriter _writer;
    private readonly List<JournalSegment> _dropped = [];
    private bool _isTruncationUnrecorded;
    private bool _isTrimUnrecorded;
    private bool _isPoisoned;

    /// <summary>
    /// True when appending this much meets no full disk. Only when the prepared segment is used up and the background
    /// is late does this make one.
    /// </summary>
    public bool HasRoomFor(int entries, long payloadBytes)
    {
        ThrowIfPoisoned();

        // Entries of one epoch share groups; each replaced one has a group, and its padding, of its own.
        var groups = 8 + payloadBytes / (1 << 20) + (_damaged.Count > 0 ? entries : 0);
        var worst = payloadBytes + entries * (long)EntryHeader.Bytes + groups * JournalFormat.BlockBytes;
        if (_writer.RoomBytes >= worst || _supply.HasSpare) return true;
        try
        {
            return _supply.Prepare();
        }
        catch (DiskException)
        {
            _isPoisoned = true;
            throw;
        }
    }

    public void Append(ReadOnlySpan<JournalEntry> entries)
    {
        ThrowIfPoisoned();
        try
        {
            foreach (var entry in entries)
            {
                if (entry.Index <= LastIndex) Repair(entry);
                else Add(entry);
            }
        }
        catch (DiskException)
        {
            _isPoisoned = true;
            throw;
        }
    }

    public void TruncateFrom(ulong index)
    {
        ThrowIfPoisoned();
        if (index > LastIndex) return;
        if (index <= Base.Index) throw new ArgumentOutOfRangeException(nameof(index), "The log is trimmed there.");

        _writer.CloseGroup();
        _index.TruncateFrom(index);
        _damaged.RemoveFrom(index);
        FlushedIndex = Math.Min(FlushedIndex, LastIndex);
        _isTruncationUnrecorded = true;
    }

    public long Flush()
    {
        ThrowIfPoisoned();
        try
        {
            if (_isTruncationUnrecorded) _writer.WriteControl(GroupKind.Truncate, LastIndex + 1);
            if (_isTrimUnrecorded) _writer.WriteControl(GroupKind.Trim, Base.Index + 1);
            _isTruncationUnrecorded = _isTrimUnrecorded = false;
            var bytes = _writer.Flush();
            FlushedIndex = LastIndex;
            foreach (var segment in _dropped) _supply.Retire(segment);
            _dropped.Clear();
            return bytes;
        }
        catch (DiskException)
        {
            _isPoisoned = true;
            throw;
        }
    }

    public void Trim(ulong index)
    {
        ThrowIfPoisoned();
        var last = Base.Index;
        while (_segments[0] != _writer.Segment && _segments[0].LastIndex <= index)
        {
            last = Math.Max(last, _segments[0].LastIndex);
            DropFirst();
        }

        if (_dropped.Count == 0) return;
        if (last > Base.Index) _index.TrimTo(Math.Min(last, LastIndex));
        _damaged.RemoveTo(Base.Index);
        _isTrimUnrecorded = true;
    }

    public void InstallBase(LogBase newBase)
    {
        ThrowIfPoisoned();
        try
        {
            _writer.CloseGroup();
            _index.Reset(newBase);
            _damaged.RemoveAll();
            FlushedIndex = newBase.Index;
            _isTruncationUnrecorded = _isTrimUnrecorded = false;
            _writer.WriteControl(GroupKind.Base, newBase.Index + 1);
            while (_segments[0] != _writer.Segment) DropFirst();
        }
        catch (DiskException)
        {
            _isPoisoned = true;
            throw;
        }
    }

    private void DropFirst()
    {
        _dropped.Add(_segments[0]);
        _segments.RemoveAt(0);
    }

    private void Add(JournalEntry entry)
    {
        if (entry.Index != LastIndex + 1)
            throw new ArgumentException($"Entry {entry.Index} does not follow {LastIndex}.", nameof(entry));
        Check(entry);

        var slot = _writer.Place(entry, GroupKind.Entries);
        _index.Add(entry.Epoch, slot);

        // A group that begins behind the end of the log truncates it by itself.
        _isTruncationUnrecorded = false;
    }

    private void Repair(JournalEntry entry)
    {
        if (!_damaged.Contains(entry.Index))
            throw new ArgumentException($"Entry {entry.Id} replaces no damaged entry.", nameof(entry));
        Check(entry);

        // Of an entry without an identifier only a bound of the epoch is known; then the branch may be another one.
        if (_index.EpochOf(entry.Index) != entry.Epoch)
        {
            TruncateFrom(entry.Index);
            Add(entry);
            DamageRepaired++;
            return;
        }

        _index[entry.Index] = _writer.Place(entry, GroupKind.Repair);
        _writer.CloseGroup();
        _damaged.Remove(entry.Index);
        DamageRepaired++;
    }

    private static void Check(JournalEntry entry)
    {
        if (entry.Payload.Length > JournalLimits.PayloadBytesMax
            || Crc32C.Compute(entry.Payload.Span) != entry.PayloadCrc32C)
        {
            throw new ArgumentException($"Entry {entry.Id} is too long or does not match its checksum.", nameof(entry));
        }
    }

    private void ThrowIfPoisoned()
    {
        if (_isPoisoned)
            throw new DiskException(DiskFault.Failed, "The journal met a failed write or flush and is closed for good.");
    }
}
