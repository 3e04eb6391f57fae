namespace Gateway.Replication.Journal;

/// <summary>
/// Encodes groups straight into one reusable buffer and brings them to the segments: data and identifier are written,
/// then one flush makes both durable.
/// </summary>
internal sealed class GroupWriter
{
    /// <summary>A longer run of entries becomes several groups of one flush.</summary>
    private const int GroupBytesMax = 1 << 20;

    /// <summary>Beyond this, groups are written out ahead of the flush.</summary>
    private const int BufferedBytesMax = 4 << 20;

    /// <summary>A larger buffer, needed by one long entry, is not kept.</summary>
    private const int BufferKeptBytesMax = 8 << 20;

    private readonly SegmentSupply _supply;
    private readonly List<JournalSegment> _segments;
    private readonly EntryIndex _index;
    private ActiveSegment _active;

    /// <summary>Closed groups, padded, and the open one; goes to the segment at <see cref="_bufferOffset"/>.</summary>
    private byte[] _buffer = GC.AllocateUninitializedArray<byte>(64 << 10);
    private int _bufferUsed;
    private long _bufferOffset;

    private GroupHeader _group;
    private int _groupStart;
    private bool _isGroupOpen;
    private long _unflushedBytes;

    /// <param name="appendable">The segment to go on with, or null to begin a new one behind the tail.</param>
    public GroupWriter(
        SegmentSupply supply, List<JournalSegment> segments, EntryIndex index, ActiveSegment? appendable,
        (ulong Sequence, long End) tail)
    {
        _supply = supply;
        _segments = segments;
        _index = index;
        _active = appendable ?? NewActive();
        _bufferOffset = _active.End;
        if (appendable is null) WriteOpening(tail.Sequence, tail.End);
    }

    public JournalSegment Segment => _active.Segment;

    public long RoomBytes => _active.Segment.Bytes - _bufferOffset - JournalFormat.AlignUp(_bufferUsed);

    public bool IsBuffered(EntrySlot slot) =>
        slot.Segment == _active.Segment.Sequence && slot.Offset >= _bufferOffset;

    public void ReadBuffered(EntrySlot slot, Span<byte> bytes) =>
        _buffer.AsSpan((int)(slot.Offset - _bufferOffset), bytes.Length).CopyTo(bytes);

    /// <summary>Encodes the entry into the open group, or a new one.</summary>
    public EntrySlot Place(JournalEntry entry, GroupKind kind)
    {
        var bytes = EntryHeader.Bytes + entry.Payload.Length;
        var joins = _isGroupOpen && _group.Kind == kind && kind == GroupKind.Entries && _group.Epoch == entry.Epoch
            && _bufferUsed - _groupStart + bytes <= GroupBytesMax
            && _bufferOffset + JournalFormat.AlignUp(_bufferUsed + bytes) <= _active.Segment.Bytes;
        if (!joins) OpenGroup(kind, entry.Index, entry.Epoch, bytes);

        Reserve(bytes);
        var at = _bufferUsed;
        var header = new EntryHeader(
            entry.Index, entry.Epoch, entry.Chain, entry.Type, entry.Payload.Length, entry.PayloadCrc32C);
        header.Write(_buffer.AsSpan(at));
        entry.Payload.Span.CopyTo(_buffer.AsSpan(at + EntryHeader.Bytes));
        _bufferUsed += bytes;
        _group = _group with { Count = _group.Count + 1, LastChain = entry.Chain };
        _active.Segment.LastIndex = Math.Max(_active.Segment.LastIndex, entry.Index);
        return EntrySlot.At(_active.Segment.Sequence, _bufferOffset + at, entry.Chain, entry.Payload.Length);
    }

    /// <summary>A group without entries.</summary>
    public void WriteControl(GroupKind kind, ulong first)
    {
        OpenGroup(kind, first, _index.LastEpoch, 0);
        CloseGroup();
    }

    public void CloseGroup()
    {
        if (!_isGroupOpen) return;

        var groupBytes = _bufferUsed - _groupStart;
        var padded = (int)JournalFormat.AlignUp(groupBytes);
        Reserve(padded - groupBytes);
        var group = _buffer.AsSpan(_groupStart, padded);
        group[groupBytes..].Clear();
        _group = _group with { GroupBytes = groupBytes };
        _group.Write(group);
        _group = _group with { ZeroSectors = JournalFormat.CountZeroSectors(group) };
        _group.Write(group);
        _active.Add(_group);
        _bufferUsed = _groupStart + padded;
        _unflushedBytes += padded;
        _isGroupOpen = false;
    }

    /// <summary>Makes all closed groups durable; the bytes written since the last call.</summary>
    public long Flush()
    {
        CloseGroup();
        if (_bufferUsed > 0 || _active.HasUnflushed)
        {
            WriteOut();
            _active.Sync();
        }

        if (_buffer.Length > BufferKeptBytesMax) _buffer = GC.AllocateUninitializedArray<byte>(64 << 10);
        var bytes = _unflushedBytes;
        _unflushedBytes = 0;
        return bytes;
    }

    private void OpenGroup(GroupKind kind, ulong first, ulong epoch, int entryBytes)
    {
        CloseGroup();
        var needed = JournalFormat.AlignUp(GroupHeader.Bytes + entryBytes);
        if (RoomBytes < needed) NextSegment(needed);
        if (_bufferUsed >= BufferedBytesMax) WriteOut();

        var known = _index.TryGetPosition(first - 1, out var previousEpoch, out var previousChain);
        _groupStart = _bufferUsed;
        _group = new GroupHeader
        {
            Kind = kind,
            Sequence = _active.Segment.Sequence,
            First = first,
            Epoch = epoch,
            IsPreviousKnown = known,
            PreviousEpoch = previousEpoch,
            PreviousChain = previousChain,
            Offset = _bufferOffset + _bufferUsed,
            Ordinal = _active.Ordinal,
            DurableEnd = _active.DurableEnd,
        };
        Reserve(GroupHeader.Bytes);
        _bufferUsed += GroupHeader.Bytes;
        _isGroupOpen = true;
    }

    /// <summary>Writes the closed groups and their identifiers without flushing.</summary>
    private void WriteOut()
    {
        if (_bufferUsed > 0) _active.Segment.File.Write(_bufferOffset, _buffer.AsSpan(0, _bufferUsed));
        _active.WriteIdentifiers();
        _bufferOffset += _bufferUsed;
        _bufferUsed = 0;
    }

    /// <summary>
    /// The old segment is flushed before anything goes into the new one: a later segment proves that everything before
    /// it was durable.
    /// </summary>
    private void NextSegment(long needed)
    {
        WriteOut();
        _active.Sync();
        var (sequence, end) = (_active.Segment.Sequence, _active.End);
        _active = NewActive();
        _bufferOffset = _active.End;
        WriteOpening(sequence, end);
        if (RoomBytes < needed)
            throw new ArgumentException($"{needed} bytes do not fit into a segment of {_active.Segment.Bytes}.", nameof(needed));
    }

    private ActiveSegment NewActive()
    {
        var segment = _supply.Take();
        _segments.Add(segment);
        return new ActiveSegment(segment);
    }

    private void WriteOpening(ulong tailSequence, long tailEnd)
    {
        OpenGroup(GroupKind.Open, _index.LastIndex + 1, _index.LastEpoch, 0);
        _group = _group with { TailSequence = tailSequence, TailEnd = tailEnd };
        CloseGroup();
    }

    private void Reserve(int bytes)
    {
        var needed = _bufferUsed + bytes;
        if (needed <= _buffer.Length) return;

        var larger = GC.AllocateUninitializedArray<byte>((int)JournalFormat.AlignUp(Math.Max(needed, _buffer.Length * 2L)));
        _buffer.AsSpan(0, _bufferUsed).CopyTo(larger);
        _buffer = larger;
    }
}
