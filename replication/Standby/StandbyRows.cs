using Gateway.Replication.Journal;
using Gateway.Replication.Rows;
using Gateway.Replication.Store;

namespace Gateway.Replication.Standby;

/// <summary>The rows of a standby: committed entries applied in order, each checked to follow the one before.</summary>
/// <remarks>One thread at a time; nothing is left staged between two calls.</remarks>
internal sealed class StandbyRows(IRowStore rows, int stateHashEvery)
{
    private RowReplay _replay = new(rows, stateHashEvery);

    public AppliedPosition Applied => rows.Applied;

    /// <summary>The entry applied last, when an owner gave up with it.</summary>
    public JournalEntry? Handover { get; private set; }

    /// <summary>Applies what follows the rows; entries that are applied already are passed over.</summary>
    /// <exception cref="InvariantException">
    /// The rows are not what the journal leads to: they were cleared, to be built anew.
    /// </exception>
    public void Apply(ReadOnlySpan<JournalEntry> entries)
    {
        foreach (var entry in entries)
        {
            if (entry.Index <= rows.Applied.Index) continue;
            if (entry.Index != rows.Applied.Index + 1) break;
            CheckFollows(entry);
            _replay.Stage(entry);
            Handover = entry.Type == JournalEntryType.Handover ? entry : null;
        }

        _replay.Publish();
    }

    /// <summary>The rows were replaced: what was remembered of the old ones is of no use.</summary>
    public void Replaced()
    {
        _replay = new RowReplay(rows, stateHashEvery);
        Handover = null;
    }

    // Equal (index, epoch, chain) is equal history: an entry that does not follow is of another one than the rows.
    private void CheckFollows(JournalEntry entry)
    {
        var applied = rows.Applied;
        if (JournalChain.Follows(applied.Chain, entry) && entry.Epoch >= applied.Epoch) return;

        rows.Clear();
        Replaced();
        Invariant.Fail($"Entry {entry.Id} does not follow the applied entry {applied.Index} of epoch {applied.Epoch}.");
    }
}
