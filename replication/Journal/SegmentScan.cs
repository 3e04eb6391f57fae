namespace Gateway.Replication.Journal;

/// <summary>
/// Reads one segment as the medium holds it and applies the recovery table of PROTOCOL §3 to its groups.
/// </summary>
/// <remarks>
/// A group whose data is bad is <em>torn</em>, and void, when it cannot have been acknowledged: no later group says
/// that it was flushed, and either its identifier is missing, or sectors of it are still the zeros that the segment was
/// filled with (a write that never happened; rot does not produce them). Otherwise it is <em>damaged</em>.
/// </remarks>
internal ref struct SegmentScan
{
    private readonly ulong _sequence;
    private readonly ReadOnlySpan<byte> _segment;
    private readonly long? _acceptedEnd;
    private readonly long _dataOffset;
    private readonly List<GroupHeader?> _identifiers = [];
    private readonly List<GroupHeader> _headers = [];
    private int _ordinal;

    /// <param name="segment">The whole file.</param>
    /// <param name="acceptedEnd">Where the history ends in this segment, when a later segment says so.</param>
    public SegmentScan(ulong sequence, ReadOnlySpan<byte> segment, long? acceptedEnd)
    {
        _sequence = sequence;
        _segment = segment;
        _acceptedEnd = acceptedEnd;
        _dataOffset = JournalFormat.DataOffset(segment.Length);
    }

    public List<ScannedGroup> Groups { get; } = [];

    /// <summary>Offset behind the last group that counts.</summary>
    public long End { get; private set; }

    public readonly int Ordinals => _ordinal;

    /// <summary>Groups with damaged entries; the entries say which.</summary>
    public int DamagedGroups { get; private set; }

    /// <summary>Something may have been acknowledged of which not even the identifier is left.</summary>
    public bool IsDamaged { get; private set; }

    /// <summary>Traces of writes that never became part of the history lie behind the end, or an identifier is missing.</summary>
    public bool IsTorn { get; private set; }

    /// <summary>Nothing was ever written behind the header.</summary>
    public bool IsPristine { get; private set; }

    public void Run()
    {
        IsPristine = JournalFormat.IsZero(_segment[JournalFormat.BlockBytes..]);
        IsDamaged = !HasHeader();
        End = _dataOffset;
        if (IsPristine) return;

        ReadIdentifiers();
        ReadHeaders();
        var provenEnd = _acceptedEnd ?? ProvenEnd();
        var limit = _acceptedEnd ?? _segment.Length;
        while (End < limit && Step(provenEnd, limit))
        {
        }

        if (_acceptedEnd is null && (_identifiers.Count > _ordinal || !JournalFormat.IsZero(_segment[(int)End..]))) IsTorn = true;
        if (_acceptedEnd > End) IsDamaged = true;
    }

    /// <summary>Takes the group at the end, or finds that the history ends here.</summary>
    private bool Step(long provenEnd, long limit)
    {
        var identifier = IdentifierAt(_ordinal, End);
        var header = identifier ?? HeaderAt(End);
        if (header is not { } group) return SkipGap(provenEnd, limit);

        var read = GroupScan.Read(group, _segment.Slice((int)group.Offset, group.GroupBytes), out var isIntact);
        if (!isIntact)
        {
            if (group.End > provenEnd && IsLost(group, identifier is not null)) return false;
            DamagedGroups++;
        }

        if (identifier is null) IsTorn = true;
        Groups.Add(read);
        End = group.End;
        _ordinal++;
        return true;
    }

    private readonly bool IsLost(GroupHeader group, bool hasIdentifier)
    {
        if (!hasIdentifier && IsSlotZero(_ordinal)) return true;

        var extent = _segment[(int)group.Offset..(int)group.End];
        return JournalFormat.CountZeroSectors(extent) > group.ZeroSectors;
    }

    /// <summary>Neither header nor identifier: the end of the log, or damage when the place was flushed once.</summary>
    private bool SkipGap(long provenEnd, long limit)
    {
        var next = NextKnown();
        if (End < provenEnd)
        {
            IsDamaged = true;
            if (next is not { } known || known.Offset >= limit)
            {
                End = Math.Min(provenEnd, limit);
                return false;
            }

            End = known.Offset;
            _ordinal = known.Ordinal;
            return true;
        }

        // An identifier that is neither readable nor zero may have been the one of an acknowledged group.
        if (_ordinal < _segment.Length / JournalFormat.BlockBytes && !IsSlotZero(_ordinal)
            && IdentifierAt(_ordinal, null) is null && !IsBlockZero(End))
        {
            IsDamaged = true;
        }

        return false;
    }

    private readonly GroupHeader? NextKnown()
    {
        GroupHeader? next = null;
        foreach (var known in _headers) Consider(known, ref next);
        foreach (var known in _identifiers)
        {
            if (known is { } identifier) Consider(identifier, ref next);
        }

        return next;
    }

    private readonly void Consider(GroupHeader known, ref GroupHeader? next)
    {
        if (known.Offset > End && (next is null || known.Offset < next.Value.Offset)) next = known;
    }

    /// <summary>Every group says up to where the segment was flushed before it was written.</summary>
    private readonly long ProvenEnd()
    {
        var end = _dataOffset;
        foreach (var header in _headers) end = Math.Max(end, header.DurableEnd);
        foreach (var identifier in _identifiers) end = Math.Max(end, identifier?.DurableEnd ?? 0);
        return end;
    }

    private readonly bool HasHeader() =>
        JournalFormat.IsHeader(_segment[..JournalFormat.HeaderBytes], _sequence, _segment.Length)
        || JournalFormat.IsHeader(
            _segment.Slice(JournalFormat.SecondHeaderOffset, JournalFormat.HeaderBytes), _sequence, _segment.Length);

    private readonly void ReadIdentifiers()
    {
        var slots = (int)(_segment.Length / JournalFormat.BlockBytes);
        var used = slots;
        while (used > 0 && IsSlotZero(used - 1)) used--;
        for (var slot = 0; slot < used; slot++)
        {
            var known = GroupHeader.TryRead(Slot(slot), _sequence, _segment.Length, out var identifier)
                && identifier.Ordinal == slot;
            _identifiers.Add(known ? identifier : null);
        }
    }

    private readonly void ReadHeaders()
    {
        for (var at = _dataOffset; at < _segment.Length; at += JournalFormat.BlockBytes)
        {
            if (GroupHeader.TryRead(_segment.Slice((int)at, GroupHeader.Bytes), _sequence, _segment.Length, out var header)
                && header.Offset == at)
            {
                _headers.Add(header);
            }
        }
    }

    private readonly GroupHeader? IdentifierAt(int ordinal, long? offset) =>
        ordinal < _identifiers.Count && _identifiers[ordinal] is { } known && (offset is null || known.Offset == offset)
            ? known : null;

    private readonly GroupHeader? HeaderAt(long offset) =>
        GroupHeader.TryRead(_segment.Slice((int)offset, GroupHeader.Bytes), _sequence, _segment.Length, out var header)
        && header.Offset == offset && header.Ordinal == _ordinal
            ? header : null;

    private readonly ReadOnlySpan<byte> Slot(int ordinal) =>
        _segment.Slice(JournalFormat.BlockBytes + ordinal * GroupHeader.Bytes, GroupHeader.Bytes);

    private readonly bool IsSlotZero(int ordinal) => JournalFormat.IsZero(Slot(ordinal));

    private readonly bool IsBlockZero(long offset) =>
        JournalFormat.IsZero(_segment.Slice((int)offset, JournalFormat.BlockBytes));
}
