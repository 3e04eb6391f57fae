using Gateway.Replication.Journal;

namespace Gateway.Replication.Store;

/// <summary>
/// A system mutation that is followed at once by a journal entry of its own, and completes when that is committed too.
/// </summary>
internal abstract class EntryMutation : SystemMutation
{
    public abstract JournalEntryType EntryType { get; }

    public abstract ReadOnlyMemory<byte> EntryPayload { get; }
}
