using Gateway.FileSystem.Opens;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Locks;

/// <summary>
/// The byte-range locks and share reservations of a volume, of all protocols in one table. Those of NLM are rows: a lock
/// that was answered is held after any restart or failover, without a grace period or reclaim (PROTOCOL §7.1). Those of
/// opens are kept with the opens; both are granted in the sequencer, each with a look at the other.
/// </summary>
/// <remarks>
/// Thread-safe. They bind those who ask for locks, and reads and writes through opens. Waiting requests are in memory
/// only; they are served in order of arrival, as <see cref="LockWaiters"/> tells.
/// </remarks>
public sealed partial class ByteRangeLocks
{
    private readonly IVolumeStore _store;
    private readonly OpenTable _opens;
    private readonly LockWaiters _waiters = new();

    internal ByteRangeLocks(IVolumeStore store, OpenTable opens)
    {
        _store = store;
        _opens = opens;
        Nodes = new LockedNodes(store);
    }

    public int Waiting => _waiters.Count;

    /// <summary>Ok when the lock could be had now, else LockConflict with one lock that is in the way.</summary>
    public async ValueTask<LockResult> TestAsync(LockRequest request, CancellationToken cancellation = default)
    {
        await _opens.YieldAsync(request.Node, CachingUse.Read, cancellation);
        var result = Test(request);
        var confirmed = await _store.ConfirmReadAsync(cancellation);
        return confirmed == StoreOutcome.Ok ? result : new LockResult(FileTree.StatusOf(confirmed), null);
    }

    /// <summary>Takes the lock, or LockConflict at once. A lock the owner has already is Ok again.</summary>
    public async ValueTask<LockResult> LockAsync(LockRequest request, CancellationToken cancellation = default)
    {
        var mutation = new LockMutation(request, unlocks: false, this);
        var outcome = await ExecuteAsync(mutation, request.Node, cancellation);
        if (outcome != StoreOutcome.Ok) return new LockResult(FileTree.StatusOf(outcome), null);

        // A change from exclusive to shared may let others in.
        if (mutation.Result.Status == FileStatus.Ok && !request.Exclusive) await WakeAsync(request.Node.Inode);
        return mutation.Result;
    }

    /// <summary>
    /// Takes the lock or waits for it: LockWaiting means that <paramref name="granted"/> is called once, from any
    /// thread, when the lock is held and durable. The callback must not block. Asking again for the same (owner, range,
    /// kind) keeps the place in the queue and replaces the callback. Deadlock when the wait would never end.
    /// </summary>
    public async ValueTask<LockResult> LockOrWaitAsync(
        LockRequest request, Action<LockRequest> granted, CancellationToken cancellation = default)
    {
        LockResult tried = new(FileStatus.LockConflict, null);
        if (!_waiters.MustQueue(request, _store.OpenSnapshot)) tried = await LockAsync(request, cancellation);
        if (tried.Status != FileStatus.LockConflict)
        {
            _waiters.Remove(request);
            return tried;
        }

        if (_waiters.Add(request, granted, _store.OpenSnapshot, out var refusal) is not { } waiter)
            return new LockResult(refusal, tried.Conflict);

        // What was released between the attempt and the queueing woke nobody.
        await WakeAsync(request.Node.Inode);
        return _waiters.Announce(waiter)
            ? new LockResult(FileStatus.LockWaiting, tried.Conflict)
            : new LockResult(FileStatus.Ok, null);
    }

    /// <summary>
    /// Takes a request out of the queue; NoEntry when it does not wait there: it may have been granted.
    /// </summary>
    public FileStatus Cancel(LockRequest request)
    {
        if (!_waiters.Remove(request)) return FileStatus.NoEntry;

        // Those behind it may have waited for it only.
        _ = WakeAsync(request.Node.Inode);
        return FileStatus.Ok;
    }

    /// <summary>Gives up whatever the owner holds in the range. Ok also when that is nothing.</summary>
    public async ValueTask<FileStatus> UnlockAsync(
        NodeId node, LockOwner owner, LockRange range, CancellationToken cancellation = default)
    {
        var mutation = new LockMutation(new LockRequest(node, owner, range, false), unlocks: true, this);
        var outcome = await _store.ExecuteAsync(mutation, cancellation);
        if (outcome != StoreOutcome.Ok) return FileTree.StatusOf(outcome);

        await WakeAsync(node.Inode);
        return mutation.Result.Status;
    }

    /// <summary>Frees all locks, waiting requests and shares of a client, on all files: it restarted.</summary>
    public ValueTask<FileStatus> ReleaseClientAsync(ReadOnlySpan<byte> client, CancellationToken cancellation = default)
    {
        if (client.Length is 0 or > LockOwner.ClientBytesMax) return ValueTask.FromResult(FileStatus.Ok);
        return ReleaseClientAsync(client.ToArray(), cancellation);
    }

    /// <summary>Makes or replaces the owner's reservation; LockConflict when another's denies it.</summary>
    public ValueTask<FileStatus> ShareAsync(
        NodeId node, LockOwner owner, ShareAccess access, ShareAccess deny, CancellationToken cancellation = default) =>
        RunAsync(new ShareMutation(node, owner, access, deny, ends: false, this), cancellation);

    public ValueTask<FileStatus> UnshareAsync(NodeId node, LockOwner owner, CancellationToken cancellation = default) =>
        RunAsync(new ShareMutation(node, owner, ShareAccess.None, ShareAccess.None, ends: true, this), cancellation);

    private async ValueTask<FileStatus> RunAsync(ShareMutation mutation, CancellationToken cancellation)
    {
        var outcome = await _store.ExecuteAsync(mutation, cancellation);
        return outcome == StoreOutcome.Ok ? mutation.Status : FileTree.StatusOf(outcome);
    }

    private async ValueTask<FileStatus> ReleaseClientAsync(byte[] client, CancellationToken cancellation)
    {
        _waiters.RemoveOfClient(client);
        var release = new ReleaseMutation(client);
        while (!release.Done)
        {
            var outcome = await _store.ExecuteAsync(release, cancellation);
            if (outcome != StoreOutcome.Ok) return FileTree.StatusOf(outcome);
        }

        foreach (var inode in release.Inodes) await WakeAsync(inode);
        return FileStatus.Ok;
    }

    /// <summary>
    /// Takes a lock. A client that caches writes also takes locks without asking: it tells of them when it is asked back
    /// (MS-SMB2 3.2.5.19), before it is looked whether the lock is free.
    /// </summary>
    private async ValueTask<StoreOutcome> ExecuteAsync(
        LockMutation mutation, NodeId node, CancellationToken cancellation = default)
    {
        Nodes.BeginAsking(node.Inode);
        try
        {
            await _opens.YieldAsync(node, CachingUse.Write, cancellation);
            return await _store.ExecuteAsync(mutation, cancellation);
        }
        finally
        {
            Nodes.EndAsking(node.Inode);
        }
    }

    private LockResult Test(LockRequest request)
    {
        using var rows = _store.OpenSnapshot();
        if (!NodeRows.TryGet(rows, request.Node, out _)) return new LockResult(FileStatus.Stale, null);

        var conflict = LockMutation.Conflict(LockRows.ReadLocks(rows, request.Node), request)
            ?? ConflictWithOpens(request);
        return new LockResult(conflict is null ? FileStatus.Ok : FileStatus.LockConflict, conflict);
    }

    /// <summary>Tries the waiters of a file in their order.</summary>
    private async Task WakeAsync(ulong inode)
    {
        _opens.WakeLocks(inode);
        if (!_waiters.TryBeginWaking(inode)) return;

        do
        {
            foreach (var waiter in _waiters.Candidates(inode)) await TryGrantAsync(waiter);
        }
        while (!_waiters.TryEndWaking(inode));
    }

    private async ValueTask TryGrantAsync(LockWaiter waiter)
    {
        var mutation = new LockMutation(waiter.Request, unlocks: false, this);
        var outcome = await ExecuteAsync(mutation, waiter.Request.Node);
        if (outcome != StoreOutcome.Ok || mutation.Result.Status == FileStatus.LockConflict) return;
        if (mutation.Result.Status != FileStatus.Ok)
        {
            // The file is gone, or a limit: nothing to wait for.
            _waiters.Remove(waiter.Request);
            return;
        }

        switch (_waiters.Grant(waiter))
        {
            case GrantOutcome.Announce:
                waiter.Granted(waiter.Request);
                break;
            case GrantOutcome.Cancelled:
                await _store.ExecuteAsync(new LockMutation(waiter.Request, unlocks: true, this));
                break;
            default:
                break;
        }
    }
}
