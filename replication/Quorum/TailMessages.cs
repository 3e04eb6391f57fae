using Gateway.Replication.Journal;

namespace Gateway.Replication.Quorum;

/// <summary>
/// Reads committed entries and hears of the owner, for standbys; belongs to no epoch and touches no promise (PROTOCOL
/// §2.2).
/// </summary>
public sealed class TailRequest : NodeRequest
{
    /// <summary>Payload bytes of one answer at most.</summary>
    public const int BytesMaxLimit = 1 << 20;

    /// <summary>Longest wait in milliseconds: an answer tells of the owner too, and must not be older.</summary>
    public const int WaitMillisecondsMax = 1000;

    /// <summary>As <see cref="FromIndex"/>: no entries, only news of the owner.</summary>
    public const ulong NoEntries = ulong.MaxValue;

    /// <summary>First index wanted; <see cref="NoEntries"/> for none.</summary>
    public required ulong FromIndex { get; init; }

    /// <summary>Payload bytes after which the node stops; at least one entry is answered when there is one.</summary>
    public required int BytesMax { get; init; }

    /// <summary>How long the node may keep the request while it has nothing new; 0 to be answered at once.</summary>
    public int WaitMilliseconds { get; init; }

    /// <summary>A release of a higher epoch is news.</summary>
    public ulong KnownReleasedEpoch { get; init; }
}

/// <summary>Answer to a tail: committed entries, and when an owner was heard last.</summary>
public sealed class TailReply : NodeReply
{
    public required ulong FromIndex { get; init; }

    public required ReadOnlyMemory<JournalEntry> Entries { get; init; }

    /// <summary>
    /// State of the index after the run; <see cref="EntryPresence.Present"/> when the run ended by size or at the commit
    /// hint.
    /// </summary>
    public required EntryPresence Next { get; init; }

    public required LogBase Base { get; init; }

    /// <summary>Everything up to here is known to be committed.</summary>
    public required ulong CommitHint { get; init; }

    /// <inheritdoc cref="NewEpochReply.SinceHeartbeatNanoseconds"/>
    public required long SinceHeartbeatNanoseconds { get; init; }

    /// <inheritdoc cref="NewEpochReply.HeartbeatEpoch"/>
    public required ulong HeartbeatEpoch { get; init; }

    /// <inheritdoc cref="NewEpochReply.ReleasedEpoch"/>
    public required ulong ReleasedEpoch { get; init; }
}
