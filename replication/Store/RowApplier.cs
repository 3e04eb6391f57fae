using System.Runtime.InteropServices;
using Gateway.Replication.Journal;
using Gateway.Replication.Rows;
using Gateway.Replication.Slices;

namespace Gateway.Replication.Store;

/// <summary>
/// Applies committed entries to the rows, straight from their payloads, own and recovered ones alike, and compares
/// recorded set hashes with its own. Sequencer only.
/// </summary>
internal sealed class RowApplier(IRowStore rows, BatchFlow flow, ulong epoch, ISliceStorage slices, int stateHashEvery)
{
    /// <summary>Staged payload that makes a transaction of the row engine end early.</summary>
    private const int StagedBytesMax = 4 << 20;

    private const int HashesKept = 16;

    private readonly Queue<StateHashRecord> _hashes = new();
    private readonly List<SliceId> _discards = [];
    private StateHashRecord? _dueHash;
    private int _stagedBytes;

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

        Publish();
        flow.Published(answers, _discards);
        if (_discards.Count > 0) slices.Discard(CollectionsMarshal.AsSpan(_discards));
        _discards.Clear();
        if (Serving && _dueHash is { } hash) flow.Append(JournalEntryType.StateHash, hash.ToPayload());
        _dueHash = null;
        return bytes;
    }

    private void Apply(JournalEntry entry)
    {
        Invariant.Holds(
            entry.Index == rows.Applied.Index + 1,
            $"Entry {entry.Index} follows the applied entry {rows.Applied.Index}.");
        var changes = entry.Type == JournalEntryType.Transaction
            ? TransactionRecord.ReadRows(entry.Payload.Span)
            : new RowBatchReader(default);
        rows.Stage(changes, new AppliedPosition(entry.Index, entry.Epoch, entry.Chain));
        if (entry.Type == JournalEntryType.StateHash) Compare(StateHashRecord.Read(entry.Payload.Span));
        if (entry.Index % (ulong)stateHashEvery == 0) Remember(entry.Index);

        _stagedBytes += entry.Payload.Length;
        if (_stagedBytes >= StagedBytesMax) Publish();

        // The last entry of an owner that gives up is its host's; nothing of the store follows it.
        if (entry.Type == JournalEntryType.Handover) Serving = false;
        else if (Serving) flow.Staged(entry);
        else if (entry.Type == JournalEntryType.EpochStart && entry.Epoch == epoch) Serve();
        else CollectDiscards(entry);
    }

    private void Serve()
    {
        Publish();
        using var snapshot = rows.OpenSnapshot();
        (flow.ClockNanoseconds, flow.JournalBytes) = SystemRows.ReadClock(snapshot);
        Serving = true;
    }

    private void Publish()
    {
        rows.Publish();
        _stagedBytes = 0;
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

    private void Remember(ulong index)
    {
        var hash = new StateHashRecord(index, rows.Count, rows.SetHash);
        if (_hashes.Count == HashesKept) _hashes.Dequeue();
        _hashes.Enqueue(hash);
        _dueHash = hash;
    }

    private void Compare(StateHashRecord recorded)
    {
        foreach (var own in _hashes)
        {
            if (own.Index != recorded.Index || own == recorded) continue;

            // The journal is the truth: what stands here is wrong, and the next start builds it anew.
            rows.Clear();
            Invariant.Fail($"The rows at entry {own.Index} are {own}, and the journal recorded {recorded}.");
        }
    }
}
