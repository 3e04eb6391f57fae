using Gateway.Replication.Journal;

namespace Gateway.Replication.Quorum;

/// <summary>What a node keeps of a volume besides its log: the superblock (PROTOCOL §2.1).</summary>
public sealed record NodeState
{
    public required Guid VolumeId { get; init; }

    /// <summary>Times this copy was damaged or emptied. Acknowledgements of different nonces never add up.</summary>
    public required ulong Nonce { get; init; }

    /// <summary>No owner of a lower epoch is obeyed. Never decreases (I1).</summary>
    public required ulong PromisedEpoch { get; init; }

    /// <summary>
    /// The owner to whom <see cref="PromisedEpoch"/> was promised; 0 when promised to nobody in particular.
    /// </summary>
    public required ulong PromisedOwner { get; init; }

    public required ulong ConfigGeneration { get; init; }

    /// <summary>
    /// What the node has is intact, but it may have had more: it fences, and never testifies absence.
    /// </summary>
    public required LimboReason Limbo { get; init; }

    /// <summary>Highest epoch whose owner gave up its lease in an orderly way.</summary>
    public required ulong ReleasedEpoch { get; init; }

    /// <summary>The copy has left the volume and is about to be deleted: it obeys nobody any more.</summary>
    public bool Retired { get; init; }

    /// <summary>
    /// Base of the log when the superblock was last written; a log that ends before it has lost files.
    /// </summary>
    public required LogBase Base { get; init; }
}

/// <summary>Why a node cannot testify absence.</summary>
public enum LimboReason : byte
{
    None = 0,

    /// <summary>Recovery found damage that is no torn tail.</summary>
    DamagedLog = 1,

    /// <summary>An entry failed its checksum while it was read.</summary>
    RottenEntry = 2,

    /// <summary>The copy is empty because its predecessor was lost.</summary>
    Emptied = 3,

    /// <summary>A flush failed in the process before this one.</summary>
    SuspectDisk = 4,

    /// <summary>The log ends before the base that the superblock names, or a base replaced entries.</summary>
    LogReplaced = 5,
}

/// <summary>The superblock's storage: synchronous, atomic, durable when it returns.</summary>
/// <remarks>Two implementations: two alternating checksummed copies on the node's disk, and the
/// simulator's.</remarks>
public interface INodeStateStore
{
    /// <summary>
    /// Drawn at random when the directory of this volume copy was first used, and lost with it. A directory whose
    /// superblock is unreadable counts as lost.
    /// </summary>
    ulong Incarnation { get; }

    /// <summary>The state last saved, or null when this copy was never admitted to the volume.</summary>
    NodeState? Load();

    /// <exception cref="Disks.DiskException">The disk failed; the process must end.</exception>
    void Save(NodeState state);
}
