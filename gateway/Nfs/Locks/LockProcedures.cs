using Gateway.FileSystem;
using Gateway.FileSystem.Locks;
using Gateway.Nfs.Exports;
using Gateway.Nfs.Rpc;
using Gateway.Protocol.Nlm4;

namespace Gateway.Nfs.Locks;

/// <summary>What NLM's procedures do, whatever form they came in: synchronous, by message, monitored or not.</summary>
/// <remarks>
/// There is no grace period: locks are rows and outlive us, so a reclaim is a lock like any other. Every operation may be repeated:
/// clients send again after a lost connection. Copies that come late are kept from here: <see cref="LockAnswers"/>. Threading: any.
/// </remarks>
internal sealed class LockProcedures(ExportTable exports, LockVolumes volumes, GrantCallbacks callbacks)
{
    /// <summary>Would the lock be granted? Denied comes with who is in the way.</summary>
    public async ValueTask<(Nlm4Status Status, LockRequest? Conflict)> TestAsync(RpcContext call, LockCall wanted)
    {
        var (status, admission, node) = Enter(call, wanted.Handle);
        if (status == Nlm4Status.Granted && !wanted.IsInRange) status = Nlm4Status.FileTooBig;
        if (status != Nlm4Status.Granted) return (status, null);

        status = await CheckAccessAsync(admission, node);
        if (status != Nlm4Status.Granted) return (status, null);

        var result = await admission.Tree.Locks.TestAsync(wanted.Request(node));
        return result.Status == FileStatus.LockConflict && result.Conflict is null
            ? (Nlm4Status.Failed, null)
            : (result.Status.ToNlm4(), result.Conflict);
    }

    /// <summary>Takes the lock, or waits for it when the client asked for that.</summary>
    /// <param name="monitored">Free the lock when the client restarts; false for NM_LOCK, whose clients send FREE_ALL.</param>
    /// <param name="byMessage">The client speaks in messages, so the call-back has to as well.</param>
    public async ValueTask<Nlm4Status> LockAsync(RpcContext call, LockCall wanted, bool monitored, bool byMessage)
    {
        var (status, admission, node) = Enter(call, wanted.Handle);
        if (status == Nlm4Status.Granted && !wanted.IsInRange) status = Nlm4Status.FileTooBig;
        if (status == Nlm4Status.Granted && wanted.Exclusive && admission.IsReadOnly) status = Nlm4Status.ReadOnlyFileSystem;
        if (status == Nlm4Status.Granted) status = await CheckAccessAsync(admission, node);
        if (status != Nlm4Status.Granted) return status;

        if (monitored)
        {
            var watched = await WatchAsync(call, admission, wanted.Client, wanted.State);
            if (watched != FileStatus.Ok) return watched.ToNlm4();
        }

        var request = wanted.Request(node);
        var locks = admission.Tree.Locks;
        var result = wanted.Block
            ? await locks.LockOrWaitAsync(request, callbacks.For(wanted, locks, byMessage))
            : await locks.LockAsync(request);

        // The client learns of its lock by this reply: a call-back that is under way says nothing new, and what the client
        // answers to it must not count.
        if (result.Status == FileStatus.Ok) callbacks.Forget(request);
        return result.Status.ToNlm4();
    }

    /// <summary>Gives up waiting. A grant that the client has not heard of yet is taken back.</summary>
    public async ValueTask<Nlm4Status> CancelAsync(RpcContext call, LockCall wanted)
    {
        var (status, admission, node) = Enter(call, wanted.Handle);
        if (status != Nlm4Status.Granted) return status;

        var request = wanted.Request(node);
        if (admission.Tree.Locks.Cancel(request) == FileStatus.Ok) return Nlm4Status.Granted;
        if (!callbacks.Forget(request)) return Nlm4Status.Denied;

        var unlocked = await admission.Tree.Locks.UnlockAsync(node, request.Owner, request.Range);
        return unlocked.ToNlm4();
    }

    /// <summary>Unlocks, and gives up waiting for the same range: the client may have lost the answer that it holds it.</summary>
    public async ValueTask<Nlm4Status> UnlockAsync(RpcContext call, LockCall wanted)
    {
        var (status, admission, node) = Enter(call, wanted.Handle);
        if (status != Nlm4Status.Granted) return status;

        foreach (var exclusive in new[] { true, false })
        {
            var request = wanted.Request(node) with { Exclusive = exclusive };
            admission.Tree.Locks.Cancel(request);
            callbacks.Forget(request);
        }

        var unlocked = await admission.Tree.Locks.UnlockAsync(node, wanted.Owner, wanted.Range);

        // What is gone is not locked.
        return unlocked == FileStatus.Stale ? Nlm4Status.Granted : unlocked.ToNlm4();
    }

    /// <summary>SHARE and UNSHARE: the reservation of a whole file by a DOS client.</summary>
    public async ValueTask<Nlm4Status> ShareAsync(RpcContext call, ShareCall wanted, bool ends)
    {
        var (status, admission, node) = Enter(call, wanted.Handle);
        if (status != Nlm4Status.Granted) return status;

        var locks = admission.Tree.Locks;
        if (ends)
        {
            var ended = await locks.UnshareAsync(node, wanted.Owner);
            return ended == FileStatus.Stale ? Nlm4Status.Granted : ended.ToNlm4();
        }

        status = await CheckAccessAsync(admission, node);
        if (status != Nlm4Status.Granted) return status;

        var watched = await WatchAsync(call, admission, wanted.Client, state: 0);
        if (watched != FileStatus.Ok) return watched.ToNlm4();

        return (await locks.ShareAsync(node, wanted.Owner, wanted.Access, wanted.Deny)).ToNlm4();
    }

    private async ValueTask<FileStatus> WatchAsync(RpcContext call, Admission admission, LockClient client, int state)
    {
        if (volumes.Of(admission.Tree) is { } monitors) return await monitors.WatchAsync(client, state);

        // The volume has just gone to another gateway, where the client will ask again.
        call.Disconnect();
        return FileStatus.Unavailable;
    }

    private (Nlm4Status Status, Admission Admission, NodeId Node) Enter(RpcContext call, byte[] handle)
    {
        var admission = exports.Enter(call, handle, out var node);
        var status = admission.Outcome switch
        {
            AdmissionOutcome.Ok => Nlm4Status.Granted,
            AdmissionOutcome.Refused => Nlm4Status.Failed,
            _ => Nlm4Status.StaleHandle,
        };
        return (status, admission, node);
    }

    // Who may neither read nor write a file, nor owns it, may not lock others out of it.
    private static async ValueTask<Nlm4Status> CheckAccessAsync(Admission admission, NodeId node)
    {
        const AccessRights Useful = AccessRights.Read | AccessRights.Modify | AccessRights.Extend;
        var access = await admission.Tree.AccessAsync(node, Useful, admission.Caller);
        if (access.Status != FileStatus.Ok) return access.Status.ToNlm4();
        if ((access.Granted & Useful) != 0) return Nlm4Status.Granted;

        return access.Attributes?.Uid == admission.Caller.Uid ? Nlm4Status.Granted : Nlm4Status.Failed;
    }
}
