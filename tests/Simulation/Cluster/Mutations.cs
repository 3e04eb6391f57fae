using Gateway.Replication.Quorum;

namespace Gateway.Simulation.Cluster;

/// <summary>
/// Deliberately wrong rules (PROTOCOL §6.1): each is a mistake that looks harmless, and the simulator must find
/// it. Changes of membership are not part of the core yet, so that their two mutations are missing.
/// </summary>
[Flags]
public enum Mutations
{
    None = 0,

    /// <summary>Nodes obey owners of lower epochs.</summary>
    NoFence = 1 << 0,

    /// <summary>A quorum is one member too small.</summary>
    HalfQuorum = 1 << 1,

    /// <summary>The record is sent before its slice is durable.</summary>
    SlicesLate = 1 << 2,

    /// <summary>A new owner ignores the lease of the old one.</summary>
    NoLeaseWait = 1 << 3,

    /// <summary>The lease is a flag that a timer refreshes.</summary>
    LeaseFlagByTimer = 1 << 4,

    /// <summary>A node in limbo testifies absence.</summary>
    LimboVotesComplete = 1 << 5,

    /// <summary>An emptied node rejoins as itself.</summary>
    WipedRejoins = 1 << 6,

    /// <summary>Damage in the middle of the log is taken for a torn end.</summary>
    TruncateOnMidCorruption = 1 << 7,

    /// <summary>The longest log is the best, whatever its epoch.</summary>
    BestByLength = 1 << 8,

    /// <summary>Acknowledgements leave before the flush.</summary>
    AckBeforeFlush = 1 << 9,

    /// <summary>Entries of earlier epochs are committed by counting.</summary>
    CountOldEpoch = 1 << 10,

    /// <summary>The promise is not durable before its reply.</summary>
    PromiseNotPersisted = 1 << 11,

    /// <summary>A restarted node forgets that it may have answered a heartbeat.</summary>
    RestartForgetsHeartbeat = 1 << 12,

    /// <summary>A copy that replaces a lost one does not promise the record's epoch.</summary>
    WipedNotFenced = 1 << 13,

    /// <summary>Limbo ends, and acknowledgements count, whatever the nonce.</summary>
    LimboExitWithoutNonce = 1 << 14,

    /// <summary>A copy that replaces a lost one counts as complete.</summary>
    WipedNotInLimbo = 1 << 15,

    /// <summary>Entries behind a damaged one are acknowledged.</summary>
    AckBehindDamage = 1 << 16,
}

internal static class MutatedRules
{
    /// <summary>The core's part of the mutations; the rest is in the simulated hosts.</summary>
    public static ProtocolRules Of(Mutations mutations) => mutations == Mutations.None
        ? ProtocolRules.Correct
        : new ProtocolRules
        {
            FenceLowerEpochs = !mutations.HasFlag(Mutations.NoFence),
            WholeMajority = !mutations.HasFlag(Mutations.HalfQuorum),
            WaitForOldLease = !mutations.HasFlag(Mutations.NoLeaseWait),
            LimboCannotTestifyAbsence = !mutations.HasFlag(Mutations.LimboVotesComplete),
            BestByEpoch = !mutations.HasFlag(Mutations.BestByLength),
            CommitOwnEpochOnly = !mutations.HasFlag(Mutations.CountOldEpoch),
            PersistPromise = !mutations.HasFlag(Mutations.PromiseNotPersisted),
            RestartAssumesHeartbeat = !mutations.HasFlag(Mutations.RestartForgetsHeartbeat),
            AdmitPromised = !mutations.HasFlag(Mutations.WipedNotFenced),
            AdmitInLimbo = !mutations.HasFlag(Mutations.WipedNotInLimbo),
            CheckNonce = !mutations.HasFlag(Mutations.LimboExitWithoutNonce),
            DamageIsGap = !mutations.HasFlag(Mutations.AckBehindDamage),
        };
}
