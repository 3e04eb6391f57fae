using Gateway.Replication.Journal;

namespace Gateway.Replication.Quorum;

/// <summary>
/// Asks for the promise to obey no lower epoch, and for testimony of what the node has (PROTOCOL §2.2).
/// </summary>
public sealed class NewEpochRequest : NodeRequest;

/// <summary>
/// A promise, durable, and a testimony. The divergence search needs no list of epoch starts: see <see
/// cref="AppendReply"/>.
/// </summary>
public sealed class NewEpochReply : NodeReply
{
    public required EntryId Last { get; init; }

    public required LogBase Base { get; init; }

    /// <summary>Everything up to here is known to be committed.</summary>
    public required ulong CommitHint { get; init; }

    /// <summary>Entries whose data is lost while their identity is known, ascending.</summary>
    public required IReadOnlyList<EntryId> Damaged { get; init; }

    /// <summary>
    /// Nanoseconds on the node's clock since an owner's heartbeat may last have been accepted; 0 from a
    /// restarted node.
    /// </summary>
    public required long SinceHeartbeatNanoseconds { get; init; }

    /// <summary>No heartbeat of a higher epoch was ever accepted by this copy.</summary>
    public required ulong HeartbeatEpoch { get; init; }

    /// <summary>Highest epoch whose owner released its lease.</summary>
    public required ulong ReleasedEpoch { get; init; }
}
