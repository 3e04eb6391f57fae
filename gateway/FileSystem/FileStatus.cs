namespace Gateway.FileSystem;

/// <summary>
/// Outcome of a file system operation, in no protocol's words. Each protocol translates it in one place.
/// </summary>
public enum FileStatus
{
    /// <summary>Done; every change that is answered as stable is durable on a majority.</summary>
    Ok,

    /// <summary>EPERM: only the owner or root may do this.</summary>
    NotPermitted,

    /// <summary>ENOENT.</summary>
    NoEntry,

    /// <summary>EIO: no replica has an intact copy of the data.</summary>
    InputOutput,

    /// <summary>EACCES: the mode bits refuse it.</summary>
    AccessDenied,

    /// <summary>EEXIST.</summary>
    Exists,

    /// <summary>ENOTDIR.</summary>
    NotDirectory,

    /// <summary>EISDIR.</summary>
    IsDirectory,

    /// <summary>EINVAL: an argument that this kind of node cannot take.</summary>
    InvalidArgument,

    /// <summary>EFBIG: beyond <see cref="FileSystemLimits.FileBytesMax"/>.</summary>
    FileTooBig,

    /// <summary>ENOSPC: only the reserve for deletes is left.</summary>
    NoSpace,

    /// <summary>EMLINK.</summary>
    TooManyLinks,

    /// <summary>ENAMETOOLONG: a name over 255 bytes, or a symbolic link's target over 4,095.</summary>
    NameTooLong,

    /// <summary>ENOTEMPTY.</summary>
    NotEmpty,

    /// <summary>ESTALE: the node is gone.</summary>
    Stale,

    /// <summary>The handle was not sealed by this volume.</summary>
    BadHandle,

    /// <summary>The guard of a change did not match the node's change time.</summary>
    GuardMismatch,

    /// <summary>The cookie was never given out for this directory.</summary>
    BadCookie,

    /// <summary>The node is of a kind this operation does not know, e.g. a special file of unknown type.</summary>
    BadType,

    /// <summary>
    /// No majority answers, or ownership of the volume was lost. The change may or may not have happened: the
    /// caller answers "try again later", never a definite failure.
    /// </summary>
    Unavailable,

    /// <summary>A conflicting lock or share reservation is held by somebody else.</summary>
    LockConflict,

    /// <summary>The lock request waits; its callback is called when it is granted.</summary>
    LockWaiting,

    /// <summary>EDEADLK: the lock request would wait for an owner that waits for its own.</summary>
    Deadlock,

    /// <summary>The range passes the end of all offsets.</summary>
    InvalidLockRange,

    /// <summary>The open has no lock of just this range.</summary>
    RangeNotLocked,

    /// <summary>An acknowledgement of a break that nobody waits for.</summary>
    NotBreaking,

    /// <summary>An acknowledgement of a break that keeps more than was asked to be given up.</summary>
    BreakRefused,

    /// <summary>The right to see audit entries is not given to this caller.</summary>
    PrivilegeNotHeld,

    /// <summary>The caller may not make that one the owner: neither itself nor one of its groups.</summary>
    InvalidOwner,

    /// <summary>The caller gave up waiting; nothing was changed.</summary>
    Cancelled,

    /// <summary>The open ended while its operation waited; nothing was changed.</summary>
    Closed,

    /// <summary>A limit on locks, waiters, shares or monitored hosts is reached (ENOLCK).</summary>
    LockLimit,

    /// <summary>A directory on the way to the last name is missing.</summary>
    PathNotFound,

    /// <summary>A symbolic link stands where a directory is needed; the client resolves it.</summary>
    StoppedOnSymbolicLink,

    /// <summary>The node is no reparse point, that is, no symbolic link.</summary>
    NotAReparsePoint,

    /// <summary>An open does not share what is asked for.</summary>
    SharingViolation,

    /// <summary>The name goes with its last open; nobody may open it any more.</summary>
    DeletePending,

    /// <summary>The read-only attribute forbids to remove it.</summary>
    CannotDelete,

    /// <summary>The limit on opens of the volume is reached.</summary>
    TooManyOpens,

    /// <summary>The limit on streams of a file is reached.</summary>
    TooManyStreams,

    /// <summary>The extended attributes of the node would be larger than 64 KiB.</summary>
    ExtendedAttributesTooLarge,
}
