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
    private readonly List<Open> _opens = [];

    // What the client was asked to fall back to, and what the others need by now; count while breaking.
    private LeaseState _requested;
    private LeaseState _required;
    private ITimer? _timer;
    private int _breaks;

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

    internal OpenedContent Content { get; }

    internal bool IsUnused => _opens.Count == 0;

    /// <summary>
    /// Takes the client's answer to a break (MS-SMB2 3.3.5.22.2). NotBreaking when none is awaited, BreakRefused when
    /// it keeps more than it was asked to.
    /// </summary>
    public FileStatus Acknowledge(LeaseState state)
    {
        var breaks = new BreakList();
        lock (Content.Sync)
        {
            if (!Breaking) return FileStatus.NotBreaking;
            if ((state & ~_requested) != 0) return FileStatus.BreakRefused;
            FallTo(state, breaks);
        }

        breaks.Send();
        return FileStatus.Ok;
    }

    internal void Add(Open open) => _opens.Add(open);

    internal void Remove(Open open)
    {
        _opens.Remove(open);
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
            breaks.AddEnds(_opens);
            return;
        }

        CountUp();
        var from = State;
        if (from == LeaseState.Read)
        {
            // Nobody waits for the end of plain read caching: it ends with the notice.
            State = LeaseState.None;
            Content.Recount();
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

    private void FallTo(LeaseState state, BreakList breaks)
    {
        State = state;
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
        lock (Content.Sync)
        {
            if (!Breaking || generation != _breaks) return;
            State = LeaseState.None;
            EndBreak();
            Content.Signal();
        }
    }

    private void CountUp() => Epoch = unchecked((ushort)(Epoch + 1));
}
