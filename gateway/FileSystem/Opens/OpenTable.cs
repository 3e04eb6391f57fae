using System.Collections.Concurrent;
using System.Diagnostics.CodeAnalysis;

namespace Gateway.FileSystem.Opens;

/// <summary>
/// The opens of a volume, of all clients, and the caching they were granted. In memory: they end with the process, but for
/// persistent ones.
/// </summary>
/// <remarks>
/// Thread-safe. Each file with opens has an entry with a lock of its own; entries come with the first open and leave
/// with the last. Operations without an open, those of NFS, ask here too, so that what SMB clients cache gives way to
/// them; without any opens that costs one comparison.
/// </remarks>
[SuppressMessage(
    "Maintainability", "CA1506", Justification = "The facade names the arguments and results of all operations.")]
public sealed partial class OpenTable
{
    /// <summary>Timers count milliseconds and may fire a little early, which would cut a client's time short.</summary>
    private static readonly TimeSpan TimerSlack = TimeSpan.FromMilliseconds(10);

    private readonly ConcurrentDictionary<ulong, OpenedFile> _files = [];
    private readonly ConcurrentDictionary<(Guid Client, Guid Key), Lease> _leases = [];
    private readonly OpenTableOptions _options;
    private readonly TimeProvider _clock;
    private int _count;

    internal OpenTable(FileTree tree, OpenTableOptions options, SipHash hash, TimeProvider clock)
    {
        _persistentIds = new PersistentIds(hash, tree.ExecuteAsync);
        Tree = tree;
        _options = options;
        _clock = clock;
    }

    public int Count => Volatile.Read(ref _count);

    internal FileTree Tree { get; }

    internal OpenTableOptions Options => _options;

    /// <summary>
    /// Opens, makes or overwrites a file, directory or stream. Waits until others gave up the caching that is in the
    /// way; Cancelled when that is given up.
    /// </summary>
    public async ValueTask<OpenResult> OpenAsync(OpenRequest request, CancellationToken cancellation = default)
    {
        try
        {
            return await new OpenAttempt(this, request).RunAsync(cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            return new OpenResult(FileStatus.Cancelled);
        }
    }

    /// <summary>The lease of a client's key; null when no open has it.</summary>
    public Lease? FindLease(Guid client, Guid key) => _leases.GetValueOrDefault((client, key));

    /// <summary>
    /// True while a file or one of its streams has opens: it then outlives its last name. Asked inside mutations.
    /// </summary>
    public bool IsOpen(NodeId file)
    {
        if (Find(file) is not { } entry) return false;
        lock (entry.Sync) return entry.Contents.Exists(content => content.Opens.Count > 0);
    }

    /// <summary>True when writes leave the write time of a file alone, as a client has set it.</summary>
    internal bool KeepsWriteTime(ulong inode) =>
        Count != 0 && _files.TryGetValue(inode, out var entry) && entry.KeepsWriteTime;

    internal OpenedFile? Find(NodeId file) =>
        Count != 0 && _files.TryGetValue(file.Inode, out var entry) && entry.Node == file ? entry : null;

    /// <summary>All opens; a snapshot that others change meanwhile.</summary>
    internal IEnumerable<Open> All()
    {
        foreach (var entry in _files.Values)
        {
            Open[] opens;
            lock (entry.Sync) opens = [.. entry.Contents.SelectMany(content => content.Opens)];
            foreach (var open in opens) yield return open;
        }
    }

    /// <summary>The entry of a file, made when there is none; it may be retired before it is locked.</summary>
    internal OpenedFile Take(NodeId file)
    {
        for (; ; )
        {
            var entry = _files.GetOrAdd(file.Inode, static (_, made) => new OpenedFile(made.Table, made.File), (
                Table: this, File: file));
            if (entry.Node == file) return entry;

            // An older file of the same number cannot be open any more, but for its entry being on its way out.
            Release(entry);
        }
    }

    /// <summary>Drops the entry when nothing uses it.</summary>
    internal void Release(OpenedFile entry)
    {
        lock (entry.Sync)
        {
            entry.Tidy();
            if (!entry.IsUnused || entry.IsRetired) return;
            entry.IsRetired = true;
            if (entry.Hold is not null) Interlocked.Decrement(ref _holds);
            entry.Hold = null;
            _files.TryRemove(KeyValuePair.Create(entry.Node.Inode, entry));
        }
    }

    /// <summary>Counts an open in; false at the limit.</summary>
    internal bool TryEnter()
    {
        if (Interlocked.Increment(ref _count) <= _options.OpensMax) return true;
        Interlocked.Decrement(ref _count);
        return false;
    }

    /// <summary>An open ended.</summary>
    internal void Left(Open open)
    {
        Release(open.Content.File);
        if (open.IsPersistent) DiscountPersistent(open);
        Interlocked.Decrement(ref _count);
        Tree.Locks.Wake(open.Node.Inode);
    }

    /// <summary>False when the client uses the key for another file already.</summary>
    internal bool TryRemember(Lease lease) => _leases.TryAdd((lease.Client, lease.Key), lease);

    internal void Forget(Lease lease)
    {
        lease.Content.Leases.Remove(lease);
        _leases.TryRemove(KeyValuePair.Create((lease.Client, lease.Key), lease));
    }

    internal ITimer StartTimer(Action expired) => StartTimer(_options.BreakPatience, expired);
}
