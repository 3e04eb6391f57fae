using Gateway.Replication.Disks;

namespace Gateway.Replication.Quorum;

/// <summary>How a node took a request.</summary>
public enum NodeStatus : byte
{
    Ok = 1,

    /// <summary>A higher epoch, or the same one of another owner, is promised.</summary>
    Fenced = 2,

    /// <summary>This copy is no member: it has no superblock for the volume. Admit it.</summary>
    NotAdmitted = 3,

    /// <summary>The request means another incarnation than this copy's.</summary>
    OtherIncarnation = 4,

    /// <summary>The request's membership is older than one this node has seen.</summary>
    OldConfiguration = 5,

    /// <summary>No room for the entries. Nothing changed; the node still fences, grants leases and serves.</summary>
    Full = 6,

    /// <summary>Obeying would break an invariant; the node raised an alarm and changed nothing.</summary>
    Refused = 7,

    /// <summary>This copy has left the volume and is being deleted.</summary>
    Retired = 8,
}

/// <summary>What every reply of a node carries (PROTOCOL §2.2).</summary>
public readonly record struct ReplyHeader
{
    public required NodeStatus Status { get; init; }

    public required ulong PromisedEpoch { get; init; }

    public required ulong Nonce { get; init; }

    public required ulong Incarnation { get; init; }

    public required ulong ConfigGeneration { get; init; }

    /// <summary>Last index of the log that is durable when the reply leaves.</summary>
    public ulong FlushedIndex { get; init; }

    /// <summary><see cref="RequestHeader.SentAt"/> of the request.</summary>
    public required long SentAt { get; init; }

    public LimboReason Limbo { get; init; }

    /// <summary>The node's last flush took so long that it calls itself stalled (PROTOCOL §2.9).</summary>
    public bool Stalled { get; init; }

    /// <summary>Space on the node's disk.</summary>
    public DiskSpace Space { get; init; }
}

/// <summary>A node's answer to one request.</summary>
public abstract class NodeReply
{
    /// <summary>Complete once <see cref="NodeCore.Flush"/> has returned.</summary>
    public ReplyHeader Header { get; set; }
}

/// <summary>
/// Answer to the requests that ask for nothing back (admit, trim, release, install base), and to every request that
/// is not <see cref="NodeStatus.Ok"/>.
/// </summary>
public sealed class PlainReply : NodeReply;
