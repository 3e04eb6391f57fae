namespace Gateway.FileSystem;

/// <summary>Where a path led.</summary>
/// <param name="Status">
/// Ok; NoEntry when only the last name is missing; PathNotFound when one before it is missing; NotDirectory when one
/// before it is no directory; StoppedOnSymbolicLink when one before it is a symbolic link; AccessDenied when a directory
/// on the way may not be traversed.
/// </param>
/// <param name="Attributes">The node reached; of a walk that stopped the last one that was found.</param>
/// <param name="Directory">The directory of the last name walked or missing.</param>
/// <param name="Names">The names walked, as they are stored.</param>
/// <param name="Walked">Number of names that were found, the symbolic link that stopped the walk among them.</param>
public readonly record struct WalkResult(
    FileStatus Status, NodeAttributes Attributes, NodeAttributes Directory, IReadOnlyList<ReadOnlyMemory<byte>> Names,
    int Walked);
