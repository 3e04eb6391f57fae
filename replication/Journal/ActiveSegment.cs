namespace Gateway.Replication.Journal;

/// <summary>The segment that takes new groups, and its identifier table in memory.</summary>
internal sealed class ActiveSegment
{
    private readonly byte[] _table;
    private int _dirtyFrom = int.MaxValue;
    private int _dirtyTo;

    public ActiveSegment(JournalSegment segment)
        : this(segment, new byte[JournalFormat.TableBytes(segment.Bytes)], segment.DataOffset, 0)
    {
    }

    public ActiveSegment(JournalSegment segment, byte[] table, long end, int ordinal)
    {
        Segment = segment;
        _table = table;
        End = DurableEnd = end;
        Ordinal = ordinal;
    }

    public JournalSegment Segment { get; }

    /// <summary>Where the next group goes.</summary>
    public long End { get; private set; }

    public int Ordinal { get; private set; }

    /// <summary>Flushed up to here.</summary>
    public long DurableEnd { get; private set; }

    public bool HasUnflushed => DurableEnd < End;

    public long RoomBytes => Segment.Bytes - End;

    public void Add(in GroupHeader header)
    {
        header.Write(_table.AsSpan(Ordinal * GroupHeader.Bytes));
        _dirtyFrom = Math.Min(_dirtyFrom, Ordinal);
        _dirtyTo = Ordinal + 1;
        End = header.End;
        Ordinal++;
    }

    /// <summary>Writes the identifiers added since the last call, in whole sectors.</summary>
    public void WriteIdentifiers()
    {
        if (_dirtyFrom >= _dirtyTo) return;

        var from = _dirtyFrom * GroupHeader.Bytes / JournalFormat.SectorBytes * JournalFormat.SectorBytes;
        var to = (_dirtyTo * GroupHeader.Bytes + JournalFormat.SectorBytes - 1)
            / JournalFormat.SectorBytes * JournalFormat.SectorBytes;
        Segment.File.Write(JournalFormat.BlockBytes + from, _table.AsSpan(from, to - from));
        _dirtyFrom = int.MaxValue;
    }

    public void Sync()
    {
        Segment.File.Sync();
        DurableEnd = End;
    }
}
