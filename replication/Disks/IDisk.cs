namespace Gateway.Replication.Disks;

/// <summary>
/// A node's directory on a disk, in the operations whose durability we reason about. Real files in the daemon;
/// in the simulator an image with torn, lost and rotten sectors and failing flushes.
/// </summary>
/// <remarks>
/// Names are single path components. Nothing is durable until the file's <see cref="IDiskFile.Sync"/>, and for
/// create, rename and delete <see cref="SyncDirectory"/>, has returned. All failures throw <see cref="DiskException"/>.
/// </remarks>
public interface IDisk
{
    IReadOnlyList<string> List();

    /// <summary>Opens an existing file.</summary>
    IDiskFile Open(string name);

    /// <summary>Creates a file that does not exist yet.</summary>
    IDiskFile Create(string name);

    /// <summary>Renames over an existing file, atomically.</summary>
    void Rename(string from, string to);

    void Delete(string name);

    void SyncDirectory();

    /// <summary>Capacity of the file system below, in bytes.</summary>
    DiskSpace Space { get; }
}

public interface IDiskFile : IDisposable
{
    long Length { get; }

    /// <summary>Reads through the page cache; returns less than asked only at the end of the file.</summary>
    int Read(long offset, Span<byte> destination);

    /// <summary>
    /// Fills the destination from memory, without waiting for the disk; false when that cannot be done, and then the
    /// destination may be partly filled. A disk that cannot tell never does it.
    /// </summary>
    bool TryReadCached(long offset, Span<byte> destination) => false;

    /// <summary>
    /// Reads what the medium holds, past the page cache (O_DIRECT), for recovery scans: after a failed flush the
    /// cache may show data that never reached the disk. Offset, length and memory need no alignment.
    /// </summary>
    int ReadMedium(long offset, Span<byte> destination);

    void Write(long offset, ReadOnlySpan<byte> data);

    /// <summary>Reserves space, without changing the visible length beyond <paramref name="length"/>.</summary>
    void Allocate(long length);

    /// <summary>
    /// Asks for written bytes to start towards the medium, so that the next <see cref="Sync"/> finds less to do. Promises
    /// nothing, and may do nothing.
    /// </summary>
    void StartWriteback(long offset, long bytes);

    /// <summary>fdatasync. After a failure nothing is known of any earlier write to the file; never call it again.</summary>
    void Sync();
}

public readonly record struct DiskSpace(long TotalBytes, long AvailableBytes);

public enum DiskFault
{
    /// <summary>ENOSPC, EDQUOT.</summary>
    Full,

    /// <summary>EIO and all else.</summary>
    Failed,
}

/// <summary>A disk operation failed; what it left behind is unknown.</summary>
public sealed class DiskException(DiskFault fault, string message, Exception? inner = null) : Exception(message, inner)
{
    public DiskFault Fault { get; } = fault;
}
