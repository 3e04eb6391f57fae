namespace Gateway.Replication.Store;

/// <summary>Bounds of a <c>VolumeStore</c>.</summary>
public sealed record VolumeStoreOptions
{
    /// <summary>Mutations accepted and not yet completed; more callers wait their turn.</summary>
    public int MutationsPendingMax { get; init; } = 16384;

    /// <summary>
    /// Entries appended and not yet committed. Few: while they are under way the next batch gathers, which is what
    /// makes the group commit.
    /// </summary>
    public int EntriesInFlightMax { get; init; } = 8;

    /// <summary>
    /// Committed entries that wait to be applied, in bytes of payload, before replay is asked to pause.
    /// </summary>
    public long ReplayBytesMax { get; init; } = 16 << 20;

    /// <summary>A mutation or a read that waits longer completes as <see cref="StoreOutcome.Unavailable"/>.</summary>
    public TimeSpan UnavailableAfter { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// Journal payload since the last checkpoint that makes the next one due, at least; a sixteenth of the nodes' disk
    /// where that is less, because the journal behind two checkpoints has to fit.
    /// </summary>
    public long CheckpointBytesMin { get; init; } = 256 << 20;

    /// <summary>The same as a share of the last checkpoint's bytes; the larger of both counts.</summary>
    public double CheckpointShare { get; init; } = 0.25;

    /// <summary>Every so many entries the set hash of the rows is recorded for comparison.</summary>
    public int StateHashEvery { get; init; } = 10_000;
}
