namespace Gateway.Replication.Journal;

/// <summary>An entry as a recovery scan found it.</summary>
internal readonly record struct ScannedEntry(ulong Index, ulong Epoch, EntrySlot Slot);

/// <summary>A group whose place in the history is known, with its entries, intact or damaged.</summary>
internal sealed record ScannedGroup(GroupHeader Header, IReadOnlyList<ScannedEntry> Entries);
