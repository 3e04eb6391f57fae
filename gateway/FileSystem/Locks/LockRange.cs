namespace Gateway.FileSystem.Locks;

/// <summary>Bytes <paramref name="Start"/> to <paramref name="Last"/> of a file, both included.</summary>
public readonly record struct LockRange(ulong Start, ulong Last)
{
    /// <summary>From offset and length; length 0, or one that passes 2^64-1, means to the end of all offsets.</summary>
    public static LockRange Of(ulong offset, ulong length) =>
        new(offset, length == 0 || length - 1 > ulong.MaxValue - offset ? ulong.MaxValue : offset + (length - 1));

    /// <summary>Number of bytes; 0 when the range goes to the end of all offsets.</summary>
    public ulong Length => Last == ulong.MaxValue ? 0 : Last - Start + 1;

    public bool Overlaps(LockRange other) => Start <= other.Last && other.Start <= Last;
}

/// <summary>A byte-range lock held or asked for.</summary>
public sealed record LockRequest(NodeId Node, LockOwner Owner, LockRange Range, bool Exclusive)
{
    /// <summary>True when both cannot be held at once.</summary>
    public bool ConflictsWith(LockRequest other) =>
        (Exclusive || other.Exclusive) && Range.Overlaps(other.Range) && !Owner.Equals(other.Owner);
}

/// <summary>
/// Ok; LockConflict with one lock in the way; LockWaiting; Deadlock; LockLimit; Stale; Unavailable.
/// </summary>
public readonly record struct LockResult(FileStatus Status, LockRequest? Conflict);

/// <summary>What a share reservation wants, or denies others.</summary>
[Flags]
public enum ShareAccess : byte
{
    None = 0,
    Read = 1,
    Write = 2,
}
