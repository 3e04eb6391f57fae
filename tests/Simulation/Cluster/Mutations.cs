using Gateway.Replication.Quorum;

namespace Gateway.Simulation.Cluster;

/// <summary>
/// Deliberately wrong rules (PROTOCOL §6.1): each is a mistake that looks harmless, and the simulator must find it.
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

    /// <summary>The membership is switched in one step.</summary>
    NoJoint = 1 << 17,

    /// <summary>While the membership changes, the old members alone commit.</summary>
    CommitByOne = 1 << 18,

    /// <summary>While the membership changes, the old members alone renew the lease.</summary>
    LeaseByOne = 1 << 19,

    /// <summary>While the membership changes, a new owner asks the old members only.</summary>
    RecoverByOne = 1 << 20,

    /// <summary>An owner takes the epoch, and the membership that it had read before.</summary>
    ConfigReadBeforeCas = 1 << 21,

    /// <summary>Nodes forget the generation of the membership, and obey an owner with an older one.</summary>
    ConfigNotKept = 1 << 22,

    /// <summary>A change ends before an entry under both memberships is committed.</summary>
    EndBeforeConfigEntry = 1 << 23,

    /// <summary>A change ends before the slices are on the new members.</summary>
    EndBeforeEvacuation = 1 << 24,

    /// <summary>After a change the members that left still count, in place of the new ones.</summary>
    LeaverCounts = 1 << 25,

    /// <summary>With a data node down, one copy of a slice is enough, as the witness has the journal.</summary>
    OneCopyWhenDegraded = 1 << 26,

    /// <summary>A slice counts as durable by the membership under which it was written.</summary>
    SlicesByOldMembers = 1 << 27,

    /// <summary>Standbys are told all that a node has, committed or not.</summary>
    TailUncommitted = 1 << 28,

    /// <summary>The rows of a spilled slice are deleted when enough data nodes are back, whether they have the slice or not.</summary>
    RowsDroppedUnhealed = 1 << 29,
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
            CommitByBoth = !mutations.HasFlag(Mutations.CommitByOne),
            LeaseByBoth = !mutations.HasFlag(Mutations.LeaseByOne),
            RecoverByBoth = !mutations.HasFlag(Mutations.RecoverByOne),
            ConfigEntryBeforeEnd = !mutations.HasFlag(Mutations.EndBeforeConfigEntry),
            LeaversDoNotCount = !mutations.HasFlag(Mutations.LeaverCounts),
            TailCommittedOnly = !mutations.HasFlag(Mutations.TailUncommitted),
            KeepConfigGeneration = !mutations.HasFlag(Mutations.ConfigNotKept),
        };
}
