using Gateway.Replication.Journal;
using Gateway.Replication.Slices;

namespace Gateway.Replication.Store;

/// <summary>
/// The batches of a sequencer: one that gathers, those in the journal's hands, those just applied. Sequencer only.
/// </summary>
internal sealed class BatchFlow
{
    private readonly IJournal _journal;
    private readonly int _inFlightMax;
    private readonly Queue<TransactionBatch> _inFlight = new();
    private readonly Queue<TransactionBatch> _applied = new();
    private readonly Stack<TransactionBatch> _free = new();

    public BatchFlow(IJournal journal, int inFlightMax)
    {
        _journal = journal;
        _inFlightMax = inFlightMax;
        Open.Open([]);
    }

    public Overlay Overlay { get; } = new();

    /// <summary>The batch that gathers.</summary>
    public TransactionBatch Open { get; private set; } = new();

    /// <summary>Payload bytes of all transactions of the volume so far.</summary>
    public long JournalBytes { get; set; }

    /// <summary>The record clock: nanoseconds since 1970, never going back.</summary>
    public long ClockNanoseconds { get; set; }

    public bool CanSeal => _inFlight.Count < _inFlightMax;

    /// <summary>
    /// The newest batch that a mutation without changes may have seen something of; null when all is applied.
    /// </summary>
    public TransactionBatch? Newest
    {
        get
        {
            if (Open.Changes > 0) return Open;
            TransactionBatch? newest = null;
            foreach (var batch in _inFlight) newest = batch;
            return newest;
        }
    }

    public void Seal()
    {
        JournalBytes += Open.Length;
        var payload = Open.Seal(ClockNanoseconds, JournalBytes, out var buffer);
        Open.Sent(_journal.Append(JournalEntryType.Transaction, payload));
        _inFlight.Enqueue(Open);
        Open = FreeBatch();
        Open.Open(buffer);
    }

    /// <summary>
    /// Appends an entry that is no transaction. These are rare and small and not counted against the bound.
    /// </summary>
    public TransactionBatch Append(JournalEntryType type, ReadOnlyMemory<byte> payload)
    {
        var batch = FreeBatch();
        batch.Open([]);
        batch.Sent(_journal.Append(type, payload));
        _inFlight.Enqueue(batch);
        return batch;
    }

    public TransactionBatch AppendBehind(EntryMutation mutation)
    {
        if (Open.Changes > 0) Seal();
        return Append(mutation.EntryType, mutation.EntryPayload);
    }

    /// <summary>An entry of this epoch is staged in the rows.</summary>
    public void Staged(JournalEntry entry)
    {
        Invariant.Holds(
            _inFlight.TryDequeue(out var batch) && batch.Index == entry.Index && entry.Epoch == _journal.Epoch,
            $"Entry {entry.Id} is the oldest one this owner appended.");
        _applied.Enqueue(batch);
    }

    /// <summary>What was staged is now seen by readers: the overlay lets go, the callers hear.</summary>
    public void Published(Answers answers, List<SliceId> discards)
    {
        while (_applied.TryDequeue(out var batch))
        {
            if (_applied.Count + _inFlight.Count == 0 && Open.Changes == 0) Overlay.Clear(batch);
            else Overlay.Remove(batch);
            discards.AddRange(batch.Discards);
            foreach (var pending in batch.Waiting) answers.Committed(pending);
            batch.Clear();
            _free.Push(batch);
        }
    }

    public void Expire(Answers answers)
    {
        foreach (var batch in _inFlight) answers.Expire(batch.Waiting);
        answers.Expire(Open.Waiting);
    }

    public void Abandon(Answers answers)
    {
        foreach (var batch in _applied) answers.Fail(batch.Waiting);
        foreach (var batch in _inFlight) answers.Fail(batch.Waiting);
        answers.Fail(Open.Waiting);
    }

    private TransactionBatch FreeBatch() => _free.TryPop(out var batch) ? batch : new TransactionBatch();
}
