namespace Gateway.Replication.Wire;

/// <summary>A node's answer to a slice or admin request.</summary>
public enum NodeOutcome : byte
{
    /// <summary>Done; for a write: durable.</summary>
    Ok = 1,

    /// <summary>The node has promised a higher epoch than the request's: the sender is no longer the owner.</summary>
    Fenced = 2,

    /// <summary>No room beyond the node's reserve.</summary>
    NoSpace = 3,

    /// <summary>The node has the slice and its bytes do not match their checksums.</summary>
    Damaged = 4,

    /// <summary>The node does not have it.</summary>
    Absent = 5,

    /// <summary>The node's disk failed; it takes nothing until it was restarted.</summary>
    Failed = 6,

    /// <summary>The node does not know the volume.</summary>
    UnknownVolume = 7,
}
