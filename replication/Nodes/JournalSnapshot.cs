using Gateway.Replication.Quorum;
using Gateway.Replication.Wire;

namespace Gateway.Replication.Nodes;

/// <summary>What other threads may know of the journal, as of the last flush.</summary>
internal sealed record JournalSnapshot
{
    public required NodeState? State { get; init; }

    public required ulong BaseIndex { get; init; }

    public required ulong LastIndex { get; init; }

    public required ulong CommitHint { get; init; }

    public required int DamagedEntries { get; init; }

    public required long DamageFound { get; init; }

    public required long DamageRepaired { get; init; }

    public required int Alarms { get; init; }

    public required long FlushedBytes { get; init; }

    public required long Flushes { get; init; }

    public required int FlushMicroseconds { get; init; }

    /// <summary>Why a request about this volume is not served; null when it is.</summary>
    public NodeOutcome? Refusal(Guid volume, ulong epoch = ulong.MaxValue)
    {
        if (State is null || State.VolumeId != volume) return NodeOutcome.UnknownVolume;
        return epoch < State.PromisedEpoch ? NodeOutcome.Fenced : null;
    }
}
