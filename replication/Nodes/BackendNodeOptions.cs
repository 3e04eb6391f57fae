using Gateway.Replication.Disks;

namespace Gateway.Replication.Nodes;

/// <summary>What a <see cref="BackendNode"/> is told at its start.</summary>
public sealed record BackendNodeOptions
{
    /// <summary>The node's name, as the gateways know it. The directory belongs to this name for good.</summary>
    public required string Node { get; init; }

    /// <summary>Where the node keeps everything; made when missing.</summary>
    public required string DataDirectory { get; init; }

    /// <summary>The cluster whose data this is; a directory of another one is refused.</summary>
    public required Guid Cluster { get; init; }

    /// <summary>Bytes of a journal segment; 0 chooses by the size of the file system.</summary>
    public long JournalSegmentBytes { get; init; }

    /// <summary>Bytes of a slice segment; 0 chooses by the size of the file system.</summary>
    public long SliceSegmentBytes { get; init; }

    /// <summary>The mounted file systems, as <see cref="MountTable"/> reads them.</summary>
    public Func<string> ReadMounts { get; init; } = MountTable.Read;

    /// <summary>
    /// Called once, from one of the node's threads, when the copy has left the volume: it obeys nobody any more, and its
    /// directory may be deleted once the node is closed.
    /// </summary>
    public Action Retired { get; init; } = () => { };

    /// <summary>
    /// Called once, from one of the node's threads, when its disk failed or an invariant broke: nothing more is
    /// acknowledged, and the process must end and start again (PROTOCOL §3).
    /// </summary>
    public required Action<Exception> Failed { get; init; }
}
