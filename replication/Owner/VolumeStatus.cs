using Gateway.Replication.Store;

namespace Gateway.Replication.Owner;

/// <summary>How a volume stands, at one moment.</summary>
public sealed record VolumeStatus
{
    public required string Volume { get; init; }

    public required ulong Epoch { get; init; }

    /// <summary>"recovering", "waiting" (no lease: no majority answers), "serving" or "stopped".</summary>
    public required string State { get; init; }

    public required ulong CommitIndex { get; init; }

    public required ulong AppliedIndex { get; init; }

    /// <summary>The rows are also in a checkpoint up to here; 0 when there is none.</summary>
    public required ulong CheckpointIndex { get; init; }

    public required long Rows { get; init; }

    public required TimeSpan LeaseRemaining { get; init; }

    public required StoreSpace Space { get; init; }

    public required long WrittenBytes { get; init; }

    public required long ReadBytes { get; init; }

    public required long CacheHits { get; init; }

    public required long CacheMisses { get; init; }

    public required long HedgedReads { get; init; }

    public required long HealedSlices { get; init; }

    public required long HealedBytes { get; init; }

    public required long OrphansFreed { get; init; }

    public required long ScrubbedBytes { get; init; }

    public required long ScrubRounds { get; init; }

    /// <summary>Slices whose bytes ride in the journal because too few data nodes have them.</summary>
    public long SpilledSlices { get; init; }

    public long SpilledBytes { get; init; }

    /// <summary>What they wait for; empty when there are none.</summary>
    public string SpillReason { get; init; } = "";

    public required IReadOnlyList<NodeStanding> Nodes { get; init; }

    /// <summary>The gateway that says this; empty where a process owns its volume for good.</summary>
    public string Gateway { get; init; } = "";

    /// <summary>"owner", "standby", "taking", "waiting" (for its next try), "starting" or "stopped".</summary>
    public string Role { get; init; } = "owner";

    /// <summary>The gateway that serves the volume, as the control plane knows it; null when it knows of none.</summary>
    public string? Owner { get; init; }

    /// <summary>The gateway that is wanted to own the volume; null for any.</summary>
    public string? Wanted { get; init; }

    /// <summary>Entries that a standby knows to be committed and has not applied.</summary>
    public long BehindEntries { get; init; }

    /// <summary>Since when a standby has not been level; 0 when it is.</summary>
    public long BehindMilliseconds { get; init; }

    /// <summary>How this gateway came to own the volume the last time; null when it never did.</summary>
    public TakeoverReport? LastTakeover { get; init; }

    /// <summary>The change of its members that is under way; null when there is none.</summary>
    public ChangeProgress? Change { get; init; }
}

/// <summary>How one node stands, as its owner sees it.</summary>
public sealed record NodeStanding
{
    public required string Node { get; init; }

    public required string Address { get; init; }

    /// <summary>It votes and takes no slices.</summary>
    public required bool IsWitness { get; init; }

    /// <summary>It is no member yet.</summary>
    public required bool IsLearner { get; init; }

    /// <summary>
    /// "up", "down", "silent" (connected, but has not answered for two seconds), "limbo", "stalled",
    /// "full", or "failed" (its device is broken and must be replaced).
    /// </summary>
    public required string State { get; init; }

    /// <summary>The node's journal equals the owner's up to here, durably.</summary>
    public required ulong MatchIndex { get; init; }

    public required ulong CommitHint { get; init; }

    public required long OwedSlices { get; init; }

    public required double LastAnswerSeconds { get; init; }

    public required long AvailableBytes { get; init; }

    public required long SliceCount { get; init; }

    public required long SliceBytes { get; init; }

    /// <summary>
    /// Damaged copies of slices found since the owner started, by reads and scrub, and damaged journal entries found
    /// since the node started.
    /// </summary>
    public required long DamageFound { get; init; }

    public required long DamageRepaired { get; init; }

    /// <summary>Damaged journal entries that the node knows of now.</summary>
    public required int DamagedEntries { get; init; }

    public required int FlushMicroseconds { get; init; }
}
