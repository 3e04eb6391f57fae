using Gateway.Replication.Journal;
using Gateway.Replication.Quorum;

namespace Gateway.Replication.Standby;

/// <summary>What a node told a standby when it was last asked.</summary>
internal sealed record NodeAccount
{
    public required string Node { get; init; }

    /// <summary>This process's clock when the answer came; timestamp of its <see cref="TimeProvider"/>.</summary>
    public required long ReceivedAt { get; init; }

    /// <summary>Time since the node heard an owner, when it answered. Zero from a node that has just started.</summary>
    public required TimeSpan SinceHeartbeat { get; init; }

    /// <summary>The node heard no owner of a higher epoch.</summary>
    public required ulong HeartbeatEpoch { get; init; }

    /// <summary>Highest epoch whose owner gave up in good order.</summary>
    public required ulong ReleasedEpoch { get; init; }

    public required ulong PromisedEpoch { get; init; }

    public required ulong CommitHint { get; init; }

    public required LogBase Base { get; init; }

    public static NodeAccount Of(string node, TailReply reply, long receivedAt) => new()
    {
        Node = node,
        ReceivedAt = receivedAt,
        SinceHeartbeat = TimeSpan.FromTicks(reply.SinceHeartbeatNanoseconds / TimeSpan.NanosecondsPerTick),
        HeartbeatEpoch = reply.HeartbeatEpoch,
        ReleasedEpoch = reply.ReleasedEpoch,
        PromisedEpoch = reply.Header.PromisedEpoch,
        CommitHint = reply.CommitHint,
        Base = reply.Base,
    };
}
