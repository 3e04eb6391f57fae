using System.Collections.Concurrent;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Locks;

/// <summary>
/// The files that have locks or reservations of other protocols than that of opens, so that what is done through opens
/// looks for them only there. It may name too many: files stay in it. Thread-safe.
/// </summary>
internal sealed class LockedNodes
{
    private readonly IVolumeStore _store;
    private readonly ConcurrentDictionary<ulong, byte> _locked = [];
    private readonly ConcurrentDictionary<ulong, byte> _reserved = [];
    private readonly ConcurrentDictionary<ulong, int> _asked = [];

    public LockedNodes(IVolumeStore store)
    {
        _store = store;
        using var rows = _store.OpenSnapshot();
        using var cursor = rows.OpenCursor();
        foreach (var (prefix, inodes) in new[] { (RowKeys.LockPrefix, _locked), (RowKeys.SharePrefix, _reserved) })
        {
            for (var more = cursor.Seek([prefix]); more; more = cursor.MoveNext())
            {
                if (!RowKeys.HasPrefix(cursor.Key, prefix)) break;
                inodes.TryAdd(RowKeys.FirstNumber(cursor.Key), 0);
            }
        }
    }

    public void NoteLocked(ulong inode) => _locked.TryAdd(inode, 0);

    public void NoteReserved(ulong inode) => _reserved.TryAdd(inode, 0);

    /// <summary>A lock of the file is being asked for, until <see cref="EndAsking"/>: nobody gets to cache it meanwhile.</summary>
    public void BeginAsking(ulong inode) => _asked.AddOrUpdate(inode, 1, static (_, count) => count + 1);

    public void EndAsking(ulong inode)
    {
        while (_asked.TryGetValue(inode, out var count))
        {
            var ended = count == 1
                ? _asked.TryRemove(KeyValuePair.Create(inode, count))
                : _asked.TryUpdate(inode, count - 1, count);
            if (ended) return;
        }
    }

    /// <summary>
    /// True when the file has a lock or is about to: who cached it would take locks and read what is locked without asking.
    /// </summary>
    public bool ForbidsCaching(NodeId node)
    {
        if (_asked.ContainsKey(node.Inode)) return true;
        if (_locked.IsEmpty || !_locked.ContainsKey(node.Inode)) return false;

        using var rows = _store.OpenSnapshot();
        return LockRows.ReadLocks(rows, node).Count > 0;
    }

    /// <summary>True when a lock stands against a read or write of an open.</summary>
    public bool Blocks(NodeId node, long offset, long length, bool writes)
    {
        if (_locked.IsEmpty || !_locked.ContainsKey(node.Inode)) return false;

        var range = LockRange.Of((ulong)offset, (ulong)length);
        using var rows = _store.OpenSnapshot();
        return LockRows.ReadLocks(rows, node)
            .Exists(stored => (writes || stored.Lock.Exclusive) && stored.Lock.Range.Overlaps(range));
    }

    /// <summary>True when a reservation denies what an open wants, or wants what the open does not share.</summary>
    public bool DeniesOpen(NodeId node, ShareAccess access, ShareAccess shared)
    {
        if (_reserved.IsEmpty || !_reserved.ContainsKey(node.Inode)) return false;

        using var rows = _store.OpenSnapshot();
        return LockRows.ReadShares(rows, node.Inode)
            .Exists(share => (share.Deny & access) != 0 || (share.Access & ~shared) != 0);
    }
}
