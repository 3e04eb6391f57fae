namespace Gateway.FileSystem;

public readonly record struct AttributesResult(FileStatus Status, NodeAttributes Attributes);

/// <summary>
/// <see cref="Attributes"/> are valid when the status is Ok. <see cref="Directory"/> is known unless the directory
/// itself is not.
/// </summary>
public readonly record struct LookupResult(FileStatus Status, NodeAttributes Attributes, NodeAttributes? Directory);

public readonly record struct AccessResult(FileStatus Status, AccessRights Granted, NodeAttributes? Attributes);

public readonly record struct ReadLinkResult(
    FileStatus Status, ReadOnlyMemory<byte> Target, NodeAttributes? Attributes);

/// <summary>
/// <see cref="Bytes"/> were written to the destination; <see cref="EndOfFile"/> when they reach the end.
/// </summary>
public readonly record struct ReadResult(FileStatus Status, int Bytes, bool EndOfFile, NodeAttributes? Attributes);

/// <summary>
/// All bytes were taken, or none. <see cref="Stability"/> is what was reached, never less than asked for.
/// </summary>
public readonly record struct WriteResult(
    FileStatus Status, int Bytes, WriteStability Stability, ulong Verifier, NodeChange File);

public readonly record struct CommitResult(FileStatus Status, ulong Verifier, NodeChange File);

public readonly record struct ReadDirectoryResult(FileStatus Status, bool EndOfDirectory, NodeAttributes? Directory);

/// <summary>Space and node counts of the volume. Bytes are of one copy.</summary>
public readonly record struct FileSystemStatistics(
    long TotalBytes, long FreeBytes, long AvailableBytes, long TotalNodes, long FreeNodes);

public readonly record struct StatisticsResult(
    FileStatus Status, FileSystemStatistics Statistics, NodeAttributes? Attributes);

/// <summary>How durable written data is (RFC 1813 stable_how).</summary>
public enum WriteStability : byte
{
    /// <summary>Kept in memory until a commit; lost only together with a change of the verifier.</summary>
    Unstable = 0,

    /// <summary>The data and what is needed to read it back are durable.</summary>
    DataSync = 1,

    /// <summary>Data and all attributes are durable.</summary>
    FileSync = 2,
}

/// <summary>What Create does with an existing name.</summary>
public enum CreateMode : byte
{
    /// <summary>An existing regular file is taken, and cut when the changes say a size.</summary>
    Unchecked = 0,

    /// <summary>An existing name is refused.</summary>
    Guarded = 1,

    /// <summary>An existing file made with the same verifier is the caller's own, retransmitted.</summary>
    Exclusive = 2,
}
