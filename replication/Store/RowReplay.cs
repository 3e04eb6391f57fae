using Gateway.Replication.Journal;
using Gateway.Replication.Rows;

namespace Gateway.Replication.Store;

/// <summary>
/// Applies committed entries to rows, straight from their payloads, and compares recorded set hashes with its own (I12).
/// One thread at a time.
/// </summary>
internal sealed class RowReplay(IRowStore rows, int stateHashEvery)
{
    /// <summary>Staged payload that makes a transaction of the row engine end early.</summary>
    private const int StagedBytesMax = 4 << 20;

    private const int HashesKept = 16;

    private readonly Queue<StateHashRecord> _hashes = new();
    private int _stagedBytes;

    /// <summary>Stages the entry that follows the applied one.</summary>
    /// <returns>The set hash behind it, where one is due to be recorded.</returns>
    /// <exception cref="InvariantException">
    /// The journal records another hash than these rows had: they are cleared, to be built anew.
    /// </exception>
    public StateHashRecord? Stage(JournalEntry entry)
    {
        Invariant.Holds(
            entry.Index == rows.Applied.Index + 1,
            $"Entry {entry.Index} follows the applied entry {rows.Applied.Index}.");
        var changes = entry.Type == JournalEntryType.Transaction
            ? TransactionRecord.ReadRows(entry.Payload.Span)
            : new RowBatchReader(default);
        rows.Stage(changes, new AppliedPosition(entry.Index, entry.Epoch, entry.Chain));
        if (entry.Type == JournalEntryType.StateHash) Compare(StateHashRecord.Read(entry.Payload.Span));
        StateHashRecord? due = entry.Index % (ulong)stateHashEvery == 0 ? Remember(entry.Index) : null;

        _stagedBytes += entry.Payload.Length;
        if (_stagedBytes >= StagedBytesMax) Publish();
        return due;
    }

    public void Publish()
    {
        rows.Publish();
        _stagedBytes = 0;
    }

    private StateHashRecord Remember(ulong index)
    {
        var hash = new StateHashRecord(index, rows.Count, rows.SetHash);
        if (_hashes.Count == HashesKept) _hashes.Dequeue();
        _hashes.Enqueue(hash);
        return hash;
    }

    private void Compare(StateHashRecord recorded)
    {
        foreach (var own in _hashes)
        {
            if (own.Index != recorded.Index || own == recorded) continue;

            // The journal is the truth: what stands here is wrong, and is built anew from it.
            rows.Clear();
            Invariant.Fail($"The rows at entry {own.Index} are {own}, and the journal recorded {recorded}.");
        }
    }
}
