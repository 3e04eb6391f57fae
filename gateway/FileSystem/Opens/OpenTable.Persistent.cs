using Gateway.FileSystem.Security;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Rows;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Opens;

// Persistent opens: what of them is in rows, and how they come back in the next epoch.
public sealed partial class OpenTable
{
    private readonly PersistentIds _persistentIds;
    private readonly Lock _persistentSync = new();
    private readonly Dictionary<uint, int> _persistentOfUsers = [];
    private int _persistentCount;

    /// <summary>Persistent opens, those that wait for their clients included.</summary>
    public int PersistentCount
    {
        get
        {
            lock (_persistentSync) return _persistentCount;
        }
    }

    /// <summary>Opens of an earlier epoch that no protocol has taken yet: see <see cref="Open.Holder"/>.</summary>
    public IReadOnlyList<Open> Absent => [.. All().Where(open => open.Holder is AbsentHolder)];

    /// <summary>An id for a <see cref="PersistentGrant"/>, never given before; null when the volume is not available.</summary>
    public ValueTask<ulong?> TakePersistentIdAsync() => _persistentIds.TakeAsync();

    /// <summary>
    /// Makes a change of a file's opens, under its lock, in the sequencer, with the rows that it means. When the outcome
    /// is not Ok it may have been made or not.
    /// </summary>
    internal ValueTask<StoreOutcome> RecordAsync(OpenedFile file, Action<MutationContext>? change = null) =>
        Tree.ExecuteAsync(new RecordMutation(file, change));

    /// <summary>Counts a persistent open in; false when there are too many of them, or of the user's.</summary>
    internal bool TryCountPersistent(Open open)
    {
        lock (_persistentSync)
        {
            var uid = open.Token.Caller.Uid;
            var ofUser = _persistentOfUsers.GetValueOrDefault(uid);
            if (_persistentCount >= _options.PersistentOpensMax || ofUser >= _options.PersistentOpensOfUserMax) return false;

            _persistentOfUsers[uid] = ofUser + 1;
            _persistentCount++;
            return true;
        }
    }

    /// <summary>
    /// Takes up the persistent opens of earlier epochs, before anything else is done with the volume: they bind everybody
    /// from then on, and their clients have the time of the grant to come back.
    /// </summary>
    internal async ValueTask RestoreAsync()
    {
        var lost = new List<OpenRecord>();
        using (var rows = Tree.OpenSnapshot())
        {
            foreach (var record in OpenRows.List(rows))
            {
                if (!TryRestore(rows, record)) lost.Add(record);
            }
        }

        // Clients are told of leases by the new epochs only when those are durable.
        await Task.WhenAll(_files.Values.Where(file => file.IsChanged).Select(file => RecordAsync(file).AsTask()));

        // Of files that are gone, which a volume without damage does not have.
        foreach (var record in lost) await Tree.ExecuteAsync(new ForgetMutation(this, record));
    }

    /// <summary>Nobody waits for clients any more, as the volume is closed.</summary>
    internal void StopAwaiting()
    {
        foreach (var open in All())
        {
            lock (open.Content.Sync) open.StopAwaiting();
        }
    }

    internal ITimer StartTimer(TimeSpan after, Action expired) =>
        _clock.CreateTimer(_ => expired(), null, after + TimerSlack, Timeout.InfiniteTimeSpan);

    private void DiscountPersistent(Open open)
    {
        lock (_persistentSync)
        {
            var uid = open.Token.Caller.Uid;
            _persistentCount--;
            if (_persistentOfUsers[uid] == 1) _persistentOfUsers.Remove(uid);
            else _persistentOfUsers[uid]--;
        }
    }

    private bool TryRestore(IRowReader rows, OpenRecord record)
    {
        if (!NodeRows.TryGet(rows, record.File, out _) || !NodeRows.TryGet(rows, record.Content, out _)) return false;

        var entry = Take(record.File);
        lock (entry.Sync)
        {
            var content = entry.Take(record.Content);
            var name = entry.TakeName(record.Directory, record.Name);
            var token = new SecurityToken(new Caller(record.Uid, record.Gid), Tree.Sids);
            var open = new Open(content, name, record, token);
            content.Opens.Add(open);
            name.Opens++;
            entry.PersistentOpens++;
            if (record.DeletePending && open.IsStream) content.DeletePending = true;
            else if (record.DeletePending) name.DeletePending = true;
            Restore(rows, open, record);
            open.Await();
            content.Recount();
            TryCountPersistent(open);
        }

        Interlocked.Increment(ref _count);
        return true;
    }

    private void Restore(IRowReader rows, Open open, OpenRecord record)
    {
        open.RestoreLocks(OpenRows.ListLocks(rows, record.Grant.Id, out var sequences), sequences);
        if (record.Oplock != OplockLevel.Lease)
            open.Grant(record.Oplock);
        else if (FindLease(record.Client, record.LeaseKey) is { } known)
            open.Grant(known);
        else if (OpenRows.GetLease(rows, record.Client, record.LeaseKey) is { } state)
            open.Grant(Remember(new Lease(open.Content, record.Client, record.LeaseKey, state)));
    }

    private Lease Remember(Lease lease)
    {
        _leases[(lease.Client, lease.Key)] = lease;
        lease.Content.Leases.Add(lease);
        return lease;
    }

    /// <summary>Removes the rows of an open that nobody can have any more.</summary>
    private sealed class ForgetMutation(OpenTable table, OpenRecord record) : Mutation
    {
        public override bool FreesSpace => true;

        public override void Execute(MutationContext context)
        {
            OpenRows.Delete(context, record.Grant.Id);
            if (record.Oplock == OplockLevel.Lease && table.FindLease(record.Client, record.LeaseKey) is null)
                OpenRows.DeleteLease(context, record.Client, record.LeaseKey);
        }
    }
}
