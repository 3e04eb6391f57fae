using Gateway.FileSystem.Locks;
using Gateway.FileSystem.Security;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Opens;

// What of a persistent open is in rows, and how it waits for its client.
public sealed partial class Open
{
    private bool _changed;
    private bool _waits;
    private ITimer? _absence;

    /// <summary>An open of an earlier epoch, with what else was recorded of it.</summary>
    internal Open(OpenedContent content, OpenedName name, OpenRecord record, SecurityToken token)
        : this(content, name, RequestOf(record, token), record.Type, record.Access)
    {
        Persistent = record.Grant;
        Action = record.Action;
        _waits = true;
    }

    /// <summary>Null unless the open outlives its client's connection and its gateway. Never changes once it is open.</summary>
    public PersistentGrant? Persistent { get; private set; }

    public bool IsPersistent => Persistent is not null;

    /// <summary>What the request that made it did.</summary>
    public OpenAction Action { get; internal set; } = OpenAction.Created;

    /// <summary>
    /// The client of a persistent open is away: nobody gets what it caches until it is back, or the time of the grant is
    /// over and the open ends, which its holder is told.
    /// </summary>
    public void Suspend()
    {
        lock (Content.Sync)
        {
            if (_waits || IsClosed || Persistent is null) return;

            _waits = true;
            Await();
            EndBreak();
            Lease?.Suspend();
            Content.Signal();
        }
    }

    /// <summary>
    /// The client is back, maybe on another connection; who waits for what it caches asks it now. False when the open does
    /// not wait any more.
    /// </summary>
    /// <param name="holder">Already connected.</param>
    /// <param name="token">Of the same user as before.</param>
    /// <param name="lease">What its client is told of its lease, before it is told of any break that begins now.</param>
    public bool TryResume(IOpenHolder holder, SecurityToken token, out LeaseView? lease)
    {
        lease = null;
        lock (Content.Sync)
        {
            if (!_waits) return false;

            StopAwaiting();
            Holder = holder;
            Token = token;
            Caller = token.Caller with { IsTrusted = true, Through = this };
            lease = Lease?.View;
            Content.Signal();
            return true;
        }
    }

    /// <summary>
    /// Makes a new open persistent when that is asked for and possible. Under the lock, before it is granted caching.
    /// </summary>
    internal void Persist(PersistentGrant? grant)
    {
        if (grant is null || IsDirectory || !Content.Table.TryCountPersistent(this)) return;

        Persistent = grant;
        Content.File.PersistentOpens++;
        NoteChange();
    }

    /// <summary>Takes an open back that came to nothing.</summary>
    internal void Revoke()
    {
        lock (Content.Sync) Detach();
        if (IsPersistent) _ = Content.Table.RecordAsync(Content.File, Erase).AsTask();
        Content.Table.Left(this);
    }

    /// <summary>Takes over the locks of an earlier epoch. Under the lock.</summary>
    internal void RestoreLocks(IEnumerable<LockRecord> locks, byte[] sequences)
    {
        foreach (var held in locks)
        {
            Content.Locks.Add(new OpenLock(this, held.Offset, held.Length, held.Exclusive) { Id = held.Id });
            _lockIds = Math.Max(_lockIds, (long)held.Id);
        }

        LockSequences.Restore(sequences);
    }

    /// <summary>The time for its client to come back begins. Under the lock.</summary>
    internal void Await() => _absence = Content.Table.StartTimer(Persistent!.Timeout, () => _ = GiveUpAsync());

    /// <summary>The volume is closed: whoever opens it next gives the client its time again.</summary>
    internal void StopAwaiting()
    {
        _waits = false;
        _absence?.Dispose();
        _absence = null;
    }

    /// <summary>What its row says is not so any more. Under the lock.</summary>
    internal void NoteChange()
    {
        if (!IsPersistent) return;
        _changed = true;
        Content.File.IsChanged = true;
    }

    /// <summary>Puts its row when that is not so any more. Under the lock, in a mutation.</summary>
    internal void RecordChange(MutationContext rows)
    {
        if (!_changed) return;
        _changed = false;
        OpenRows.Put(rows, Describe(Persistent!));
    }

    /// <summary>
    /// Removes its rows, and that of its lease when no other persistent open has it. The open left the others before.
    /// </summary>
    internal void Erase(MutationContext rows)
    {
        if (Persistent is not { } persistent) return;

        OpenRows.Delete(rows, persistent.Id);
        if (Lease is { } lease && Content.Table.FindLease(lease.Client, lease.Key) is not { IsRecorded: true })
            OpenRows.DeleteLease(rows, lease.Client, lease.Key);
    }

    private static OpenRequest RequestOf(OpenRecord record, SecurityToken token) => new()
    {
        Root = record.Root,
        Path = [],
        Stream = record.Stream,
        Access = record.Access,
        Share = record.Share,
        Disposition = OpenDisposition.Open,
        Options = record.Options,
        Token = token,
        Client = record.Client,
        Holder = AbsentHolder.Instance,
    };

    private OpenRecord Describe(PersistentGrant grant) => new()
    {
        Grant = grant,
        Type = Type,
        Action = Action,
        Oplock = Oplock,
        LeaseKey = Lease?.Key ?? Guid.Empty,
        Share = Share,
        Access = Access,
        Options = Options,
        DeletePending = DeletePending,
        Uid = Token.Caller.Uid,
        Gid = Token.Caller.Gid,
        File = File,
        Content = Node,
        Root = Root,
        Directory = Directory,
        Name = _name.Place.Name,
        Stream = StreamName.ToArray(),
        Client = Client,
    };

    private async Task GiveUpAsync()
    {
        lock (Content.Sync)
        {
            if (!_waits) return;
            StopAwaiting();
        }

        await CloseAsync();
        Holder.Closed(this);
    }
}
