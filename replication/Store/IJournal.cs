using Gateway.Replication.Journal;

namespace Gateway.Replication.Store;

/// <summary>
/// The owner's side of a volume's journal as the store sees it: an established epoch, appended to by one sequencer.
/// Two implementations: the quorum of nodes, and one in memory for tests and benchmarks.
/// </summary>
/// <remarks>
/// Entries come back through <see cref="IJournalListener"/> once they are committed: recovered ones of earlier
/// epochs, this epoch's <see cref="JournalEntryType.EpochStart"/>, then what the store appended, at the end perhaps
/// the journal's own <see cref="JournalEntryType.Handover"/>, all in index order without a gap.
/// </remarks>
public interface IJournal
{
    /// <summary>The epoch this process owns.</summary>
    ulong Epoch { get; }

    /// <summary>
    /// True while this process is known to be the owner: the lease that a majority's acknowledgements renewed has not
    /// run out by the clock, read now (PROTOCOL §2.6), and the previous owner's lease is over. Any thread; about 100
    /// ns.
    /// </summary>
    bool LeaseValid { get; }

    /// <summary>
    /// Appends an entry behind the last one and returns its index. Called by the sequencer only, after it saw
    /// this epoch's EpochStart; never blocks. The store bounds entries and bytes in flight
    /// (<see cref="VolumeStoreOptions.EntriesInFlightMax"/>). After the journal stopped the index is meaningless.
    /// </summary>
    /// <param name="payload">Never changed after the call.</param>
    ulong Append(JournalEntryType type, ReadOnlyMemory<byte> payload);

    /// <summary>
    /// Allows the nodes to drop entries up to the index: a later checkpoint is committed. Never blocks.
    /// </summary>
    void Trim(ulong index);

    /// <summary>Waits for a valid lease; false when the journal stopped. The caller bounds the time.</summary>
    ValueTask<bool> WaitLeaseAsync(CancellationToken cancellation);
}

/// <summary>Where a journal reports to; the sequencer behind <see cref="VolumeStore.Listener"/>.</summary>
/// <remarks>One thread at a time calls it. No member blocks or throws.</remarks>
public interface IJournalListener
{
    /// <summary>The entry is committed. Indexes are consecutive, beginning behind the rows' applied position.</summary>
    void Committed(JournalEntry entry);

    /// <summary>
    /// Completes when fewer than <see cref="VolumeStoreOptions.ReplayBytesMax"/> bytes of committed entries wait to
    /// be applied. A journal that delivers recovered entries awaits it before each group it fetches, so that replay
    /// stays within memory.
    /// </summary>
    ValueTask WaitForRoomAsync(CancellationToken cancellation);

    /// <summary>This process no longer owns the volume, or cannot know. Nothing follows.</summary>
    void Stopped(JournalStop reason);
}

/// <summary>Why a journal stopped.</summary>
public enum JournalStop
{
    /// <summary>Closed in an orderly way.</summary>
    Closed,

    /// <summary>A higher epoch was promised to another owner.</summary>
    Fenced,

    /// <summary>An invariant of the protocol failed, or replay met bytes it cannot apply.</summary>
    Broken,
}
