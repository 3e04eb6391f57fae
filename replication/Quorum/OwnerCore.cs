using Gateway.Replication.Journal;

namespace Gateway.Replication.Quorum;

/// <summary>Where an owner stands.</summary>
public enum OwnerPhase : byte
{
    /// <summary>Not started.</summary>
    Idle,

    /// <summary>Fences the nodes and fetches the tail of the journal.</summary>
    Recovering,

    /// <summary>
    /// The host was given <see cref="OwnerEffectKind.Recovered"/> and must call <see
    /// cref="OwnerCore.BeginEpoch"/>.
    /// </summary>
    Recovered,

    /// <summary>The epoch's first entry is not committed yet, or an earlier owner's lease is not over.</summary>
    Establishing,

    /// <summary>Proposes and serves.</summary>
    Leading,

    /// <summary>The last entry is on its way; nothing more is proposed.</summary>
    HandingOver,

    /// <summary>The lease is given up; the nodes are being told.</summary>
    Releasing,

    Stopped,
}

/// <summary>
/// The owner of one volume in one epoch (PROTOCOL §2.3 to §2.6): fences, recovers, replicates, commits, keeps
/// the lease, gives up. A state machine without clock, threads or I/O; each call is an event, what it answers
/// is in the effects.
/// </summary>
/// <remarks>
/// Owned by the host's loop. Effects are appended to the list passed in and must be carried out in order. The clock
/// is the host's boot-time clock in nanoseconds and never goes back. One object lives for one epoch: after <see
/// cref="OwnerEffectKind.Stopped"/> it ignores everything.
/// </remarks>
public sealed partial class OwnerCore
{
    private readonly OwnerContext _context;
    private readonly JournalRecovery _recovery;
    private readonly JournalFeed _feed;
    private readonly ReplyGate _gate;
    private readonly LeaseRelease _release;
    private ulong _handoverIndex;

    public OwnerCore(OwnerOptions options)
        : this(options, ProtocolRules.Correct)
    {
    }

    internal OwnerCore(OwnerOptions options, ProtocolRules rules)
    {
        _context = new OwnerContext(options, rules);
        _recovery = new JournalRecovery(_context);
        _feed = new JournalFeed(_context);
        _gate = new ReplyGate(_context, _recovery);
        _release = new LeaseRelease(_context);
    }

    public OwnerPhase Phase { get; private set; }

    /// <summary>The control record as this owner uses it.</summary>
    public VolumeRecord Record => _context.Record;

    public ulong Epoch => _context.Record.Epoch;

    /// <summary>Last entry of the owner's log.</summary>
    public ulong LastIndex => _context.Ring.LastIndex;

    /// <summary>Everything up to here is durable on a majority for ever.</summary>
    public ulong CommitIndex => _context.CommitIndex;

    /// <summary>Index of this epoch's first entry; 0 until it exists.</summary>
    public ulong EpochStartIndex => _context.EpochStartIndex;

    /// <summary>Payload bytes that are not committed; the host stops proposing above its bound.</summary>
    public long UncommittedBytes => _context.UncommittedBytes;

    /// <summary>Highest epoch that any node is known to have promised; the next owner must be above it.</summary>
    public ulong HighestPromise => _gate.HighestPromise;

    /// <summary>
    /// With <see cref="OwnerStopReason.BehindTrim"/>: the oldest position that the journal still reaches.
    /// </summary>
    public LogBase OldestBase => _recovery.OldestBase;

    /// <summary>The core wants <see cref="Wake"/> at this time; every other event may move it.</summary>
    public long WakeAt
    {
        get
        {
            if (Phase is OwnerPhase.Idle or OwnerPhase.Stopped) return long.MaxValue;
            if (Phase is OwnerPhase.Recovering) return _recovery.WakeAt;
            if (Phase is OwnerPhase.Releasing) return _release.WakeAt;

            var at = long.MaxValue;
            if (_context.EpochStartIndex != 0)
            {
                foreach (var stream in _context.Streams) at = Math.Min(at, _context.HeartbeatDue(stream));
            }

            if (Phase == OwnerPhase.Establishing && CommitIndex >= EpochStartIndex)
                at = Math.Min(at, _recovery.OldLeaseUntil);
            return at;
        }
    }

    /// <summary>
    /// Until then, on this owner's clock, no other owner can have answered anybody. Compare it with the clock after
    /// reading and before answering (I11). <see cref="long.MinValue"/> without a lease.
    /// </summary>
    public long LeaseValidUntil =>
        Phase is OwnerPhase.Leading or OwnerPhase.HandingOver ? _context.LeaseUntil : long.MinValue;

    /// <summary>Begins to fence and recover. The record must hold this owner's own epoch.</summary>
    public void Start(long now, List<OwnerEffect> effects)
    {
        Invariant.Holds(Phase == OwnerPhase.Idle, "An owner starts once.");
        _context.Enter(now, effects);
        Phase = OwnerPhase.Recovering;
        _recovery.Wake();
    }

    /// <summary>Time has passed: heartbeats, retries, the end of an old lease.</summary>
    public void Wake(long now, List<OwnerEffect> effects)
    {
        if (!Enter(now, effects)) return;

        if (Phase == OwnerPhase.Recovering) _recovery.Wake();
        foreach (var stream in _context.Streams) Serve(stream);
        Settle();
    }

    /// <summary>
    /// Establishes the epoch, after <see cref="OwnerEffectKind.Recovered"/>: appends its first entry with the
    /// host's payload.
    /// </summary>
    public void BeginEpoch(ReadOnlyMemory<byte> payload, long now, List<OwnerEffect> effects)
    {
        if (!Enter(now, effects)) return;

        Invariant.Holds(Phase == OwnerPhase.Recovered, "An epoch begins once, after recovery.");
        Phase = OwnerPhase.Establishing;
        foreach (var stream in _context.Streams) stream.Next = LastIndex + 1;
        _context.EpochBeganAt = now;
        _context.EpochStartIndex = Append(JournalEntryType.EpochStart, payload).Index;

        // A change that an earlier owner began: this entry is appended under both memberships.
        if (Record.IsJoint) _context.ConfigIndex = _context.EpochStartIndex;
        foreach (var stream in _context.Streams) _feed.Pump(stream);
    }

    /// <summary>
    /// Appends an entry and sends it. All slices that it refers to must be durable on W nodes already (I7). The
    /// payload is kept until the entry leaves the ring. Only while <see cref="OwnerPhase.Leading"/>.
    /// </summary>
    public JournalEntry Propose(
        JournalEntryType type, ReadOnlyMemory<byte> payload, long now, List<OwnerEffect> effects)
    {
        _context.Enter(now, effects);
        Invariant.Holds(Phase == OwnerPhase.Leading, "Only a leading owner proposes.");
        var entry = Append(type, payload);
        if (type == JournalEntryType.Config && Record.IsJoint && _context.ConfigIndex == 0)
            _context.ConfigIndex = entry.Index;
        foreach (var stream in _context.Streams) _feed.Pump(stream);
        return entry;
    }

    /// <summary>
    /// A link broke or came up: what was on its way is lost, and the member is asked where it stands.
    /// </summary>
    public void LinkChanged(int member, long now, List<OwnerEffect> effects)
    {
        if (!Enter(now, effects)) return;

        if (_context.Streams.Find(member) is not { } stream) return;

        stream.CatchUp = null;
        stream.ProbeFrom(stream.Next, now);
        if (Phase == OwnerPhase.Recovering) _recovery.Ask(stream);
        else Serve(stream);
    }

    /// <summary>
    /// A checkpoint of all rows up to <paramref name="upToIndex"/> or later is committed at <paramref
    /// name="checkpointIndex"/>: the nodes may free the journal up to the former.
    /// </summary>
    public void Trim(ulong upToIndex, ulong checkpointIndex, long now, List<OwnerEffect> effects)
    {
        if (!Enter(now, effects)) return;

        Invariant.Holds(
            checkpointIndex <= CommitIndex && upToIndex <= checkpointIndex,
            $"I9: trim to {upToIndex} by checkpoint {checkpointIndex} with {CommitIndex} committed.");
        (_context.TrimUpTo, _context.TrimCheckpointIndex) = (upToIndex, checkpointIndex);
        foreach (var stream in _context.Streams) Serve(stream);
    }

    /// <summary>
    /// Gives up in an orderly way: a last entry, then the lease, then the nodes are told, so that the next
    /// owner need not wait. Ends with <see cref="OwnerStopReason.Released"/>; an owner that does not lead stops
    /// at once.
    /// </summary>
    public void HandOver(ReadOnlyMemory<byte> payload, long now, List<OwnerEffect> effects)
    {
        if (!Enter(now, effects)) return;

        if (Phase != OwnerPhase.Leading)
        {
            _context.Stop(OwnerStopReason.Released);
            Settle();
            return;
        }

        _handoverIndex = Append(JournalEntryType.Handover, payload).Index;
        Phase = OwnerPhase.HandingOver;
        foreach (var stream in _context.Streams) _feed.Pump(stream);
    }

    /// <summary>How a member or learner stands; all zero when its node has left. Any thread.</summary>
    public MemberProgress ProgressOf(int member) => _context.Streams.Find(member)?.Progress() ?? default;

    /// <summary>For the simulator, which compares it with what was ever committed.</summary>
    internal EntryRing Ring => _context.Ring;

    private bool Enter(long now, List<OwnerEffect> effects)
    {
        _context.Enter(now, effects);
        return Phase is not (OwnerPhase.Idle or OwnerPhase.Stopped);
    }

    private JournalEntry Append(JournalEntryType type, ReadOnlyMemory<byte> payload)
    {
        var end = _context.Ring.End;
        var entry = JournalChain.Follow(end.Index, end.Chain, Epoch, type, payload);
        _context.Ring.Append(entry);
        _context.UncommittedBytes += payload.Length;
        return entry;
    }
}
