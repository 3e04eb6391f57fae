using Gateway.FileSystem.Tables;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Opens;

/// <summary>
/// The caching that a client's opens of one file under one key share (MS-SMB2 3.3.1.12). All members may be called from
/// any thread.
/// </summary>
/// <remarks>
/// The state changes under the lock of the opened file. A break is sent once; what others need meanwhile gathers in
/// <see cref="_required"/> and is broken in steps after the acknowledgement, as Windows does.
/// </remarks>
public sealed class Lease
{
    /// <summary>More changes than a lease can go through before one of them is recorded.</summary>
    private const ushort EpochsLostMax = 16;

    private readonly List<Open> _opens = [];

    // What the client was asked to fall back to, and what the others need by now; count while breaking.
    private LeaseState _requested;
    private LeaseState _required;
    private ITimer? _timer;
    private int _breaks;
    private volatile int _persistentOpens;
    private bool _changed;

    internal Lease(OpenedContent content, Guid client, in CachingRequest request, LeaseState granted)
    {
        Content = content;
        Client = client;
        Key = request.Key;
        Version = request.Version;
        Epoch = unchecked((ushort)(request.Epoch + 1));
        ParentKey = request.ParentKey;
        State = granted;
    }

    /// <summary>A lease of an earlier epoch. Its client may have been told of a change that was not recorded yet.</summary>
    internal Lease(OpenedContent content, Guid client, Guid key, LeaseRecord record)
    {
        Content = content;
        Client = client;
        Key = key;
        Version = record.LeaseVersion;
        Epoch = unchecked((ushort)(record.Epoch + EpochsLostMax));
        ParentKey = record.ParentKey;
        State = record.State;
    }

    /// <summary>The ClientGuid the key belongs to.</summary>
    public Guid Client { get; }

    public Guid Key { get; }

    /// <summary>1 or 2, as in the request that made the lease; later requests of the other kind change nothing.</summary>
    public int Version { get; }

    public Guid? ParentKey { get; }

    public LeaseState State { get; private set; }

    /// <summary>An acknowledgement is awaited (SMB2_LEASE_FLAG_BREAK_IN_PROGRESS).</summary>
    public bool Breaking { get; private set; }

    /// <summary>What the client was asked to break to; counts while <see cref="Breaking"/>.</summary>
    public LeaseState BreakingTo => _requested;

    /// <summary>Counts the changes of state; only clients of version 2 see it.</summary>
    public ushort Epoch { get; private set; }

    /// <summary>As it is now. Under the lock.</summary>
    internal LeaseView View => new(State, Epoch);

    internal OpenedContent Content { get; }

    /// <summary>A persistent open has it: its state is a row.</summary>
    internal bool IsRecorded => _persistentOpens != 0;

    internal bool IsUnused => _opens.Count == 0;

    /// <summary>
    /// Takes the client's answer to a break (MS-SMB2 3.3.5.22.2). NotBreaking when none is awaited, BreakRefused when
    /// it keeps more than it was asked to.
    /// </summary>
    public FileStatus Acknowledge(LeaseState state)
    {
        var breaks = new BreakList();
        FileStatus status;
        lock (Content.Sync) status = Acknowledge(state, breaks);
        breaks.Send();
        return status;
    }

    /// <summary>The same, and durable before it is Ok when a persistent open has the lease.</summary>
    public async ValueTask<FileStatus> AcknowledgeAsync(LeaseState state)
    {
        if (!IsRecorded) return Acknowledge(state);

        var breaks = new BreakList();
        var status = FileStatus.Unavailable;
        var outcome = await Content.Table.RecordAsync(Content.File, _ => status = Acknowledge(state, breaks));
        breaks.Send();
        return outcome == StoreOutcome.Ok ? status : FileTree.StatusOf(outcome);
    }

    internal void Add(Open open)
    {
        _opens.Add(open);
        if (!open.IsPersistent) return;

        _persistentOpens++;
        NoteChange();
    }

    /// <summary>
    /// The client of an open went away. When it was the last one, nobody will answer the break under way: it is tried anew
    /// when the client is back.
    /// </summary>
    internal void Suspend()
    {
        if (!IsConnected) EndBreak();
    }

    /// <summary>Puts its row when that is not so any more. Under the lock, in a mutation.</summary>
    internal void RecordChange(MutationContext rows)
    {
        if (!_changed) return;
        _changed = false;
        if (IsRecorded) OpenRows.PutLease(rows, Client, Key, new LeaseRecord((byte)Version, State, Epoch, ParentKey));
    }

    internal void Remove(Open open)
    {
        if (_opens.Remove(open) && open.IsPersistent) _persistentOpens--;
        if (_opens.Count > 0) return;

        State = LeaseState.None;
        EndBreak();
    }

    /// <summary>
    /// A request for more by the holder itself: given only when it is a superset and could be granted whole, and never
    /// while a break is under way (MS-SMB2 3.3.5.9.8).
    /// </summary>
    internal void Upgrade(LeaseState requested, LeaseState granted)
    {
        if (Breaking || granted != requested || granted == State || (State & ~requested) != 0) return;

        State = granted;
        CountUp();
        NoteChange();
    }

    /// <summary>
    /// Asks the client to fall back to no more than <paramref name="to"/>; nothing when it holds no more.
    /// </summary>
    internal void Break(LeaseState to, BreakList breaks)
    {
        to &= State;
        if (Breaking)
        {
            _required &= to;
            return;
        }

        if (State == to) return;
        if (!IsConnected)
        {
            if (IsRecorded) LoseReading(to, breaks);
            else breaks.AddEnds(_opens);
            return;
        }

        CountUp();
        var from = State;
        if (from == LeaseState.Read)
        {
            // Nobody waits for the end of plain read caching: it ends with the notice.
            State = LeaseState.None;
            Content.Recount();
            NoteChange();
            breaks.AddRecord(Content.File);
            breaks.Add(this, Holder, from, LeaseState.None, Epoch, acknowledge: false);
            return;
        }

        Breaking = true;
        _requested = _required = to;
        Expect();
        breaks.Add(this, Holder, from, to, Epoch, acknowledge: true);
    }

    private bool IsConnected => _opens.Exists(open => open.Holder.IsConnected);

    private IOpenHolder Holder => (_opens.Find(open => open.Holder.IsConnected) ?? _opens[0]).Holder;

    private FileStatus Acknowledge(LeaseState state, BreakList breaks)
    {
        if (!Breaking) return FileStatus.NotBreaking;
        if ((state & ~_requested) != 0) return FileStatus.BreakRefused;

        FallTo(state, breaks);
        return FileStatus.Ok;
    }

    /// <summary>
    /// The client is away, and will be told when it is back. What it may have written, or keeps open, others wait for.
    /// </summary>
    private void LoseReading(LeaseState to, BreakList breaks)
    {
        if (to != LeaseState.None || (State & LeaseState.Write) != 0) return;

        State = LeaseState.None;
        CountUp();
        NoteChange();
        breaks.AddRecord(Content.File);
        Content.Signal();
    }

    private void FallTo(LeaseState state, BreakList breaks)
    {
        State = state;
        NoteChange();
        if ((state & ~_required) == 0)
        {
            EndBreak();
        }
        else if ((state & (LeaseState.Write | LeaseState.Handle)) != 0)
        {
            // In steps: reading stays cached until the rest is given up.
            _requested = _required | (state & LeaseState.Read);
            Expect();
            breaks.Add(this, Holder, state, _requested, Epoch, acknowledge: true);
        }
        else
        {
            State = LeaseState.None;
            EndBreak();
            breaks.Add(this, Holder, state, LeaseState.None, Epoch, acknowledge: false);
        }

        Content.Signal();
    }

    private void EndBreak()
    {
        Breaking = false;
        _requested = _required = LeaseState.None;
        _timer?.Dispose();
        _timer = null;
    }

    private void Expect()
    {
        _timer?.Dispose();
        var generation = ++_breaks;
        _timer = Content.Table.StartTimer(() => Expire(generation));
    }

    /// <summary>The client did not answer in time: it loses all of its caching (MS-SMB2 3.3.6.1).</summary>
    private void Expire(int generation)
    {
        if (IsRecorded)
        {
            _ = Content.Table.RecordAsync(Content.File, _ => Lose(generation)).AsTask();
            return;
        }

        lock (Content.Sync) Lose(generation);
    }

    private void Lose(int generation)
    {
        if (!Breaking || generation != _breaks) return;

        State = LeaseState.None;
        EndBreak();
        NoteChange();
        Content.Signal();
    }

    private void NoteChange()
    {
        if (!IsRecorded) return;
        _changed = true;
        Content.File.IsChanged = true;
    }

    private void CountUp() => Epoch = unchecked((ushort)(Epoch + 1));
}

/// <summary>State and epoch of a lease at one moment.</summary>
public readonly record struct LeaseView(LeaseState State, ushort Epoch);
