using System.Runtime.InteropServices;
using Gateway.Replication.Journal;
using Gateway.Replication.Rows;
using Gateway.Replication.Slices;

namespace Gateway.Replication.Store;

/// <summary>
/// Applies committed entries to the rows, own and recovered ones alike, and tells overlay and nodes. Sequencer only.
/// </summary>
internal sealed class RowApplier(IRowStore rows, BatchFlow flow, ulong epoch, ISliceStorage slices, int stateHashEvery)
{
    private readonly RowReplay _replay = new(rows, stateHashEvery);
    private readonly List<SliceId> _discards = [];
    private StateHashRecord? _dueHash;

    /// <summary>This epoch's start is applied: mutations may run.</summary>
    public bool Serving { get; private set; }

    /// <summary>Applies, publishes, lets the overlay and the nodes know; the payload bytes applied.</summary>
    public long Apply(List<JournalEntry> entries, Answers answers)
    {
        var bytes = 0L;
        foreach (var entry in entries)
        {
            Apply(entry);
            bytes += entry.Payload.Length;
        }

        _replay.Publish();
        flow.Published(answers, _discards);
        if (_discards.Count > 0) slices.Discard(CollectionsMarshal.AsSpan(_discards));
        _discards.Clear();
        if (Serving && _dueHash is { } hash) flow.Append(JournalEntryType.StateHash, hash.ToPayload());
        _dueHash = null;
        return bytes;
    }

    private void Apply(JournalEntry entry)
    {
        if (_replay.Stage(entry) is { } due) _dueHash = due;

        // The last entry of an owner that gives up is its host's; nothing of the store follows it.
        if (entry.Type == JournalEntryType.Handover) Serving = false;
        else if (Serving) flow.Staged(entry);
        else if (entry.Type == JournalEntryType.EpochStart && entry.Epoch == epoch) Serve();
        else CollectDiscards(entry);
    }

    private void Serve()
    {
        _replay.Publish();
        using var snapshot = rows.OpenSnapshot();
        (flow.ClockNanoseconds, flow.JournalBytes) = SystemRows.ReadClock(snapshot);
        Serving = true;
    }

    /// <summary>The owner of an earlier epoch may have died before it told the nodes.</summary>
    private void CollectDiscards(JournalEntry entry)
    {
        if (entry.Type != JournalEntryType.Transaction) return;
        var changes = TransactionRecord.ReadRows(entry.Payload.Span);
        while (changes.MoveNext())
        {
            if (changes.Change == RowChange.Delete && SystemRows.TryReadLiveSliceKey(changes.Key, out var slice))
                _discards.Add(slice);
        }
    }
}
