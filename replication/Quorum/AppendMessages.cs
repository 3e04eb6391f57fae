using Gateway.Replication.Journal;

namespace Gateway.Replication.Quorum;

/// <summary>Appends entries behind a named predecessor; without entries, a heartbeat (PROTOCOL §2.2).</summary>
public sealed class AppendRequest : NodeRequest
{
    /// <summary>Largest payload of one request, unless it is a single larger entry.</summary>
    public const int BytesMax = 1 << 20;

    /// <summary>Most entries of one request.</summary>
    public const int EntriesMax = 512;

    /// <summary>The entry before the first one sent; (0, 0) before the whole log.</summary>
    public required EntryId Previous { get; init; }

    /// <summary>Entries without gaps. Shared between the members; never changed.</summary>
    public required ReadOnlyMemory<JournalEntry> Entries { get; init; }

    /// <summary>Everything up to here is committed.</summary>
    public required ulong CommitIndex { get; init; }

    /// <summary>Index of the EpochStart entry of this epoch.</summary>
    public required ulong EpochStartIndex { get; init; }

    /// <summary>The node's nonce as the owner knows it: a node leaves limbo only for its present one.</summary>
    public required ulong EchoNonce { get; init; }
}

/// <summary>
/// Acknowledges an append. When the predecessor does not match, <see cref="Matched"/> is false and the owner
/// goes back to its last entry that is not beyond <see cref="Position"/> in index nor in epoch: one round trip
/// per epoch of divergence.
/// </summary>
public sealed class AppendReply : NodeReply
{
    public required bool Matched { get; init; }

    /// <summary>Matched: the log equals the owner's up to here, durably. Else: where to go back to.</summary>
    public required EntryId Position { get; init; }
}
