namespace Gateway.FileSystem.Notices;

/// <summary>One thing that happened to a name, or to the node it leads to.</summary>
public sealed record TreeChange
{
    public required TreeChangeKind Kind { get; init; }

    public required ChangedParts Parts { get; init; }

    /// <summary>The node concerned; of a stream its file.</summary>
    public required NodeId Node { get; init; }

    public NodeType Type { get; init; }

    /// <summary>
    /// Where the name is; for a rename, where it went. A node with several names is told by the youngest of them.
    /// </summary>
    public required NodeId Directory { get; init; }

    public required ReadOnlyMemory<byte> Name { get; init; }

    /// <summary>Renames only: where it was.</summary>
    public NodeId FromDirectory { get; init; }

    /// <summary>Renames only; of a stream its old name.</summary>
    public ReadOnlyMemory<byte> FromName { get; init; }

    /// <summary>Of changes of streams.</summary>
    public ReadOnlyMemory<byte> Stream { get; init; }

    /// <summary>Removals only: the node has no other name and is gone, or goes with its last open.</summary>
    public bool IsLastName { get; init; }
}

public enum TreeChangeKind
{
    Added,
    Removed,
    Renamed,
    Modified,
    StreamAdded,
    StreamRemoved,
    StreamRenamed,
    StreamModified,
}
