using Gateway.Replication.Journal;

namespace Gateway.Replication.Quorum;

/// <summary>What the host of an <see cref="OwnerCore"/> must do, in order.</summary>
public enum OwnerEffectKind : byte
{
    /// <summary>Send <see cref="OwnerEffect.Request"/> to <see cref="OwnerEffect.Member"/>. May be lost.</summary>
    Send = 1,

    /// <summary>Apply <see cref="OwnerEffect.Entry"/>: it is committed and follows the last one delivered.</summary>
    Committed = 2,

    /// <summary>
    /// The journal is recovered up to <see cref="OwnerEffect.Entry"/> (null when empty), its last part not yet
    /// committed. Answer with <see cref="OwnerCore.BeginEpoch"/>.
    /// </summary>
    Recovered = 3,

    /// <summary>The epoch is established and no earlier owner can serve: propose, and answer clients.</summary>
    Leading = 4,

    /// <summary>
    /// The copy of <see cref="OwnerEffect.Member"/> is not the one in the control record but
    /// <see cref="OwnerEffect.Incarnation"/>. Compare-and-set the record, provided its epoch is still ours, then call
    /// <see cref="OwnerCore.Adopt"/>.
    /// </summary>
    MemberChanged = 5,

    /// <summary>
    /// This core is finished; <see cref="OwnerEffect.Reason"/>. Nothing more may be answered to clients.
    /// </summary>
    Stopped = 6,
}

/// <summary>Why an <see cref="OwnerCore"/> is finished.</summary>
public enum OwnerStopReason : byte
{
    None = 0,

    /// <summary>A node promised a higher epoch, <see cref="OwnerCore.HighestPromise"/>.</summary>
    Fenced = 1,

    /// <summary>The owner gave up in an orderly way and its lease is over.</summary>
    Released = 2,

    /// <summary>
    /// The journal no longer reaches back to what the host has applied: load the checkpoint at or after
    /// <see cref="OwnerCore.OldestBase"/> and start again, in the same epoch.
    /// </summary>
    BehindTrim = 3,

    /// <summary>
    /// Alarm: committed entries are missing from a majority, or histories contradict each other. Do not serve.
    /// </summary>
    HistoryLost = 4,

    /// <summary>Nodes know a newer membership than this owner's record: read the record again.</summary>
    OldConfiguration = 5,
}

/// <summary>One effect; which fields count depends on the kind.</summary>
public readonly record struct OwnerEffect(OwnerEffectKind Kind)
{
    /// <summary>Slot of the member.</summary>
    public int Member { get; init; }

    public NodeRequest? Request { get; init; }

    public JournalEntry? Entry { get; init; }

    public ulong Incarnation { get; init; }

    public OwnerStopReason Reason { get; init; }
}
