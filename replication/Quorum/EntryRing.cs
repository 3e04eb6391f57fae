using System.Numerics;
using Gateway.Replication.Journal;

namespace Gateway.Replication.Quorum;

/// <summary>
/// The owner's recent entries, shared by all members: nothing is copied per node (PROTOCOL §2.5). Evicts what is
/// committed once it holds too much.
/// </summary>
internal sealed class EntryRing(LogBase start)
{
    private JournalEntry?[] _entries = new JournalEntry?[1024];
    private ReadOnlyMemory<JournalEntry> _lastRun;

    /// <summary>Position before the first entry held.</summary>
    public LogBase Start { get; private set; } = start;

    public LogBase End { get; private set; } = start;

    public ulong LastIndex => End.Index;

    public long Bytes { get; private set; }

    public JournalEntry this[ulong index] => _entries[Slot(index)]!;

    public bool Holds(ulong index) => index > Start.Index && index <= End.Index;

    public void Append(JournalEntry entry)
    {
        if (End.Index - Start.Index == (ulong)_entries.Length) Grow();
        _entries[Slot(entry.Index)] = entry;
        End = new LogBase(entry.Index, entry.Epoch, entry.Chain);
        Bytes += entry.Payload.Length;
    }

    /// <summary>
    /// Drops the oldest entries while there are more bytes than allowed, never one above the index.
    /// </summary>
    public void Evict(ulong upToIndex, long bytesMax)
    {
        while (Bytes > bytesMax && Start.Index < upToIndex)
        {
            var entry = this[Start.Index + 1];
            _entries[Slot(entry.Index)] = null;
            Start = new LogBase(entry.Index, entry.Epoch, entry.Chain);
            Bytes -= entry.Payload.Length;
        }
    }

    /// <summary>Forgets the entries behind an index that is held or is the start.</summary>
    public void CutAfter(ulong index)
    {
        for (var at = index + 1; at <= End.Index; at++)
        {
            Bytes -= this[at].Payload.Length;
            _entries[Slot(at)] = null;
        }

        _lastRun = default;
        End = index == Start.Index ? Start : PositionOf(this[index]);
    }

    /// <summary>Identity of an entry held, or of the start.</summary>
    public EntryId IdOf(ulong index) =>
        index == Start.Index ? new EntryId(Start.Index, Start.Epoch) : this[index].Id;

    /// <summary>False when the index is held, or is the start, with another epoch.</summary>
    public bool Agrees(EntryId position) =>
        position.Index < Start.Index || position.Index > End.Index || IdOf(position.Index) == position;

    /// <summary>The last position in [start, end] that is not beyond the given one in index nor in epoch.</summary>
    public ulong LastNotBeyond(EntryId position)
    {
        var high = Math.Min(position.Index, End.Index);
        var low = Start.Index;
        while (low < high)
        {
            var middle = high - (high - low) / 2;
            if (this[middle].Epoch <= position.Epoch) low = middle;
            else high = middle - 1;
        }

        return low;
    }

    /// <summary>
    /// Payload bytes behind an index, counted no further than beyond the bound; the largest number when entries behind it
    /// are no longer held.
    /// </summary>
    public long BytesAfter(ulong index, long bytesMax)
    {
        if (index < Start.Index) return long.MaxValue;

        long bytes = 0;
        for (var at = index + 1; at <= End.Index && bytes <= bytesMax; at++) bytes += this[at].Payload.Length;
        return bytes;
    }

    /// <summary>A run of entries from an index on. The same run asked for by several members is one array.</summary>
    public ReadOnlyMemory<JournalEntry> Run(ulong from, int bytesMax, int entriesMax)
    {
        var count = 0;
        long bytes = 0;
        for (var index = from; index <= End.Index && count < entriesMax; index++, count++)
        {
            bytes += this[index].Payload.Length;
            if (bytes > bytesMax && count > 0) break;
        }

        if (_lastRun.Length == count && count > 0 && _lastRun.Span[0].Index == from) return _lastRun;

        var run = new JournalEntry[count];
        for (var at = 0; at < count; at++) run[at] = this[from + (ulong)at];
        _lastRun = run;
        return run;
    }

    private static LogBase PositionOf(JournalEntry entry) => new(entry.Index, entry.Epoch, entry.Chain);

    private int Slot(ulong index) => (int)(index & (ulong)(_entries.Length - 1));

    private void Grow()
    {
        var grown = new JournalEntry?[(int)BitOperations.RoundUpToPowerOf2((uint)_entries.Length * 2)];
        for (var index = Start.Index + 1; index <= End.Index; index++)
            grown[(int)(index & (ulong)(grown.Length - 1))] = this[index];
        _entries = grown;
    }
}
