namespace Gateway.Replication.Slices;

/// <summary>What a node's slice store did.</summary>
public enum SliceOutcome
{
    /// <summary>Done; for a write: durable.</summary>
    Ok,

    /// <summary>No room beyond the reserve.</summary>
    NoSpace,

    /// <summary>The copy is there and does not match its checksums.</summary>
    Damaged,

    /// <summary>There is no copy.</summary>
    Absent,

    /// <summary>The disk failed; the process is about to end.</summary>
    Failed,
}
