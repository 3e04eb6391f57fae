namespace Gateway.Replication.Quorum;

/// <summary>What every request to a node carries (PROTOCOL §2.2).</summary>
/// <param name="Epoch">Epoch of the sender; 0 for requests that belong to no owner.</param>
/// <param name="OwnerId">Owner of the epoch.</param>
/// <param name="ConfigGeneration">Generation of the membership the sender uses.</param>
/// <param name="Incarnation">Incarnation of the copy that the sender means; another copy refuses.</param>
/// <param name="SentAt">The sender's clock at sending, nanoseconds; echoed, never interpreted by the node.</param>
public readonly record struct RequestHeader(
    Guid VolumeId, ulong Epoch, ulong OwnerId, ulong ConfigGeneration, ulong Incarnation, long SentAt);

/// <summary>
/// A request to the journal of one volume on one node. Immutable once sent; may be sent many times.
/// </summary>
public abstract class NodeRequest
{
    public required RequestHeader Header { get; init; }
}

/// <summary>
/// Makes an empty copy a member: fresh when <see cref="RequestHeader.Epoch"/> is 0 (the volume never had an owner),
/// else in limbo with that epoch promised, because it may replace a copy that promised it (PROTOCOL §2.8).
/// Answered by a <see cref="PlainReply"/>.
/// </summary>
public sealed class AdmitRequest : NodeRequest;

/// <summary>
/// Frees the log up to an index that a committed checkpoint covers. Answered by a <see cref="PlainReply"/>.
/// </summary>
public sealed class TrimRequest : NodeRequest
{
    public required ulong UpToIndex { get; init; }

    /// <summary>Index of the committed checkpoint entry that makes the trim legal (I9).</summary>
    public required ulong CheckpointIndex { get; init; }
}

/// <summary>The owner gives up: its lease is over at once. Answered by a <see cref="PlainReply"/>.</summary>
public sealed class ReleaseRequest : NodeRequest;

/// <summary>
/// Starts the log behind a base, for a copy whose next entry is trimmed everywhere. Answered by a <see
/// cref="PlainReply"/>.
/// </summary>
public sealed class InstallBaseRequest : NodeRequest
{
    public required Journal.LogBase Base { get; init; }
}

/// <summary>
/// The copy is no longer a member and may be deleted: the membership without it is established, with the generation in
/// the header, which must be higher than any that the copy has seen. Answered by a <see cref="PlainReply"/> once that is
/// durable; from then on the copy obeys nobody.
/// </summary>
public sealed class RetireRequest : NodeRequest;
