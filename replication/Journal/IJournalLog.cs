namespace Gateway.Replication.Journal;

/// <summary>The durable log of one volume on one node. Synchronous; owned by the node's journal thread.</summary>
/// <remarks>
/// <see cref="Append"/> and <see cref="TruncateFrom"/> change what reads see at once but are volatile until
/// <see cref="Flush"/> returns. Two implementations: segment files (the daemon, and the simulator over simulated
/// disks) and lists in memory (tests).
/// Any failed write or flush throws <see cref="Disks.DiskException"/>; the log is poisoned from then on and every call throws.
/// </remarks>
public interface IJournalLog : IDisposable
{
    /// <summary>Position before the first entry kept; entries up to it were trimmed or installed as a base.</summary>
    LogBase Base { get; }

    /// <summary>Index of the last entry, <c>Base.Index</c> when there is none.</summary>
    ulong LastIndex { get; }

    /// <summary>Epoch of the last entry, <c>Base.Epoch</c> when there is none.</summary>
    ulong LastEpoch { get; }

    /// <summary>Indexes whose data is damaged while their identifiers are known; ascending. Empty on a sound disk.</summary>
    IReadOnlyList<EntryId> Damaged { get; }

    /// <summary>True when recovery found damage that is not a torn tail: the node must enter limbo (PROTOCOL §2.8, §3).</summary>
    bool RecoveredWithDamage { get; }

    /// <summary>Epoch and chain at an index in [Base.Index, LastIndex]; false outside or when unknown through damage.</summary>
    bool TryGetPosition(ulong index, out ulong epoch, out ulong chain);

    /// <summary>Reads one entry and verifies its checksums.</summary>
    EntryRead Read(ulong index);

    /// <summary>Appends entries that follow the last one without a gap, or replaces damaged ones in place.</summary>
    void Append(ReadOnlySpan<JournalEntry> entries);

    /// <summary>Drops the entry at the index and all after it.</summary>
    void TruncateFrom(ulong index);

    /// <summary>Makes everything durable (write out, identifier, one fdatasync). Bytes written, 0 when there was nothing to do.</summary>
    long Flush();

    /// <summary>Allows segments that end at or before the index to be deleted.</summary>
    void Trim(ulong index);

    /// <summary>Drops everything and starts behind the base.</summary>
    void InstallBase(LogBase newBase);
}

public readonly record struct LogBase(ulong Index, ulong Epoch, ulong Chain);

/// <summary>Answer per index of a fetch. Absent, damaged and trimmed are different testimonies and never mixed.</summary>
public enum EntryPresence : byte
{
    Present = 1,
    Absent = 2,
    Damaged = 3,
    Trimmed = 4,
}

public readonly record struct EntryRead(EntryPresence Presence, JournalEntry? Entry);
