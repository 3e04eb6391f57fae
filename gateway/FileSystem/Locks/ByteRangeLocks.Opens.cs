namespace Gateway.FileSystem.Locks;

public sealed partial class ByteRangeLocks
{
    /// <summary>How the holder of a lock of an open is called to other protocols, which cannot know it.</summary>
    private static readonly LockOwner OpenOwner = new("open"u8, []);

    internal LockedNodes Nodes { get; }

    /// <summary>An open gave up a lock, or ended: those who wait for it try again.</summary>
    internal void Wake(ulong inode)
    {
        if (_waiters.Count != 0) _ = WakeAsync(inode);
    }

    /// <summary>The lock of an open that stands against one that is to be a row, in words of rows.</summary>
    internal LockRequest? ConflictWithOpens(LockRequest request) =>
        _opens.FindLock(request.Node, request.Range, request.Exclusive) is { } held
            ? new LockRequest(request.Node, OpenOwner, held.Range, held.Exclusive)
            : null;

    /// <summary>An open stands against a reservation.</summary>
    internal bool IsDeniedByOpens(NodeId node, ShareAccess access, ShareAccess deny) =>
        _opens.DeniesReservation(node, access, deny);
}
