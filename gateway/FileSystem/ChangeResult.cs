namespace Gateway.FileSystem;

/// <summary>
/// Outcome of an operation that changes names or attributes. Attributes are given whenever they are known, also when
/// the operation failed.
/// </summary>
/// <remarks>
/// When <see cref="RecordedReply.IsReplayed"/> is set the operation was done before; then only the recorded bytes
/// count.
/// </remarks>
public sealed class ChangeResult
{
    public required FileStatus Status { get; init; }

    /// <summary>
    /// The node made, set, linked or removed. For a removed node <c>After</c> is null when it is gone.
    /// </summary>
    public NodeChange Node { get; init; }

    /// <summary>The directory changed; for a rename the one the entry left.</summary>
    public NodeChange Directory { get; init; }

    /// <summary>
    /// Rename only: the directory the entry went to. Equal to <see cref="Directory"/> when it is the same.
    /// </summary>
    public NodeChange TargetDirectory { get; init; }
}
