namespace Gateway.Replication.Quorum;

/// <summary>What a <see cref="NodeCore"/> is told at its start.</summary>
public sealed record NodeOptions
{
    /// <summary>
    /// A flush failed in the process before this one: what the log holds is intact, what it lacks proves
    /// nothing.
    /// </summary>
    public bool SuspectDisk { get; init; }

    /// <summary>
    /// Below this free space entries are refused as <see cref="NodeStatus.Full"/>, before a write can fail.
    /// </summary>
    public long FullBelowBytes { get; init; } = 16 << 20;
}
