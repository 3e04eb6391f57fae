using Gateway.FileSystem.Locks;

namespace Gateway.FileSystem.Opens;

public sealed partial class OpenTable
{
    /// <summary>The lock of an open that stands against one of another protocol.</summary>
    internal OpenLock? FindLock(NodeId node, LockRange range, bool exclusive)
    {
        if (Find(node) is not { } entry) return null;
        lock (entry.Sync) return entry.Find(node)?.Locks.Conflict(range, exclusive);
    }

    /// <summary>Share modes against a reservation of another protocol.</summary>
    internal bool DeniesReservation(NodeId node, ShareAccess access, ShareAccess deny)
    {
        if (Find(node) is not { } entry) return false;
        lock (entry.Sync)
        {
            return entry.Find(node) is { } content && content.Opens.Exists(open =>
                (access & ~SharingRules.Shared(open.Share)) != 0 || (deny & SharingRules.Accessed(open.Access)) != 0);
        }
    }

    /// <summary>A lock row of the file went: opens that wait try again.</summary>
    internal void WakeLocks(ulong inode)
    {
        if (Count == 0 || !_files.TryGetValue(inode, out var entry)) return;
        lock (entry.Sync)
        {
            foreach (var content in entry.Contents) content.Locks.Wake();
        }
    }
}
