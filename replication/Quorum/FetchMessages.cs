using Gateway.Replication.Journal;

namespace Gateway.Replication.Quorum;

/// <summary>
/// Reads entries for recovery and repair; answered only while the sender's epoch is the promised one.
/// </summary>
public sealed class FetchRequest : NodeRequest
{
    /// <summary>Default for <see cref="BytesMax"/>.</summary>
    public const int DefaultBytesMax = 4 << 20;

    public required ulong FromIndex { get; init; }

    /// <summary>Last index wanted.</summary>
    public required ulong ToIndex { get; init; }

    /// <summary>Payload bytes after which the node stops; at least one entry is answered.</summary>
    public required int BytesMax { get; init; }
}

/// <summary>
/// Answer to a fetch: the run of present entries from the first index on, and what stands behind it. Absent,
/// damaged and trimmed are three different testimonies.
/// </summary>
public sealed class FetchReply : NodeReply
{
    public required ulong FromIndex { get; init; }

    /// <summary>Identity of the entry before the first index; null when the node does not know it.</summary>
    public required EntryId? Previous { get; init; }

    public required ReadOnlyMemory<JournalEntry> Entries { get; init; }

    /// <summary>
    /// State of the index after the run; <see cref="EntryPresence.Present"/> when the run ended by size or at
    /// the last index wanted.
    /// </summary>
    public required EntryPresence Next { get; init; }

    /// <summary>Identity of a damaged next entry; epoch 0 when it is unknown.</summary>
    public EntryId NextId { get; init; }

    public required LogBase Base { get; init; }

    public required ulong CommitHint { get; init; }
}
