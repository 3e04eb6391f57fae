namespace Gateway.Replication.Quorum;

/// <summary>
/// The rules of the protocol that the simulator breaks one at a time, to prove that it would notice (PROTOCOL §6.1).
/// Production code cannot construct anything but <see cref="Correct"/>: a wrong rule needs the internals.
/// </summary>
internal sealed record ProtocolRules
{
    public static readonly ProtocolRules Correct = new();

    /// <summary>Nodes refuse owners of an epoch lower than promised.</summary>
    public bool FenceLowerEpochs { get; init; } = true;

    /// <summary>A promise is durable before its reply.</summary>
    public bool PersistPromise { get; init; } = true;

    /// <summary>The best log is the one of the highest last epoch, then the longest; else just the longest.</summary>
    public bool BestByEpoch { get; init; } = true;

    /// <summary>Only an entry of the own epoch commits by counting (Raft, figure 8).</summary>
    public bool CommitOwnEpochOnly { get; init; } = true;

    /// <summary>A majority is a majority, and not one less.</summary>
    public bool WholeMajority { get; init; } = true;

    /// <summary>A new owner waits until the lease of any earlier one is over.</summary>
    public bool WaitForOldLease { get; init; } = true;

    /// <summary>A node in limbo does not count for completeness.</summary>
    public bool LimboCannotTestifyAbsence { get; init; } = true;

    /// <summary>A copy that replaces a lost one promises the epoch of the control record.</summary>
    public bool AdmitPromised { get; init; } = true;

    /// <summary>A copy that replaces a lost one starts in limbo.</summary>
    public bool AdmitInLimbo { get; init; } = true;

    /// <summary>A restarted node assumes a heartbeat just before its end.</summary>
    public bool RestartAssumesHeartbeat { get; init; } = true;

    /// <summary>Limbo ends, and acknowledgements count, only with the node's present nonce.</summary>
    public bool CheckNonce { get; init; } = true;

    /// <summary>A damaged entry is a gap: nothing behind it is acknowledged until it is repaired.</summary>
    public bool DamageIsGap { get; init; } = true;

    /// <summary>While the membership changes, an entry is committed by majorities of both.</summary>
    public bool CommitByBoth { get; init; } = true;

    /// <summary>While the membership changes, the lease is renewed by majorities of both.</summary>
    public bool LeaseByBoth { get; init; } = true;

    /// <summary>While the membership changes, an owner fences and hears majorities of both.</summary>
    public bool RecoverByBoth { get; init; } = true;

    /// <summary>A change ends only after an entry that was appended under both memberships is committed.</summary>
    public bool ConfigEntryBeforeEnd { get; init; } = true;

    /// <summary>Members that have left no longer count.</summary>
    public bool LeaversDoNotCount { get; init; } = true;

    /// <summary>Nodes keep the highest generation of the membership that they were told, and refuse lower ones.</summary>
    public bool KeepConfigGeneration { get; init; } = true;

    /// <summary>A standby is told what the node knows to be committed, and no more.</summary>
    public bool TailCommittedOnly { get; init; } = true;

    public int Majority(int members) =>
        WholeMajority ? QuorumRule.Majority(members) : Math.Max(1, QuorumRule.Majority(members) - 1);
}
