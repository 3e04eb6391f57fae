namespace Gateway.Replication.Journal;

/// <summary>What an entry's payload holds.</summary>
public enum JournalEntryType : byte
{
    /// <summary>First entry of an owner's epoch; commits everything before it.</summary>
    EpochStart = 1,

    /// <summary>Row changes and slice references: effects, never requests.</summary>
    Transaction = 2,

    /// <summary>A checkpoint's manifest; once committed the journal may be trimmed behind the previous one.</summary>
    Checkpoint = 3,

    /// <summary>Set hash of all rows at an earlier index, for standbys and restarts to compare.</summary>
    StateHash = 4,

    /// <summary>The owner gives up in an orderly way.</summary>
    Handover = 5,

    /// <summary>
    /// The control record of a change of membership. Once it is committed, so is all before it, on majorities of both.
    /// </summary>
    Config = 6,
}

/// <summary>Where an entry stands in the volume's journal.</summary>
public readonly record struct EntryId(ulong Index, ulong Epoch);

/// <summary>One journal entry.</summary>
/// <remarks>
/// <see cref="Chain"/> hashes the previous entry's chain with this entry's header and payload CRC, so that equal
/// (index, epoch, chain) means equal histories. Index 0 is "before the first entry", with epoch and chain 0.
/// </remarks>
public sealed record JournalEntry
{
    public required ulong Index { get; init; }

    public required ulong Epoch { get; init; }

    public required ulong Chain { get; init; }

    public required JournalEntryType Type { get; init; }

    public required ReadOnlyMemory<byte> Payload { get; init; }

    public required uint PayloadCrc32C { get; init; }

    public EntryId Id => new(Index, Epoch);
}

public static class JournalLimits
{
    /// <summary>A transaction of one sequencer batch, or one oversized mutation.</summary>
    public const int PayloadBytesMax = 4 << 20;
}
