using Gateway.Replication.Disks;
using Gateway.Replication.Journal;

namespace Gateway.Replication.Quorum;

/// <summary>
/// The acceptor of one volume's journal on one node: promises epochs, keeps the log, tells owners what it has
/// (PROTOCOL §2.2, §2.8). Synchronous; owned by the node's journal thread.
/// </summary>
/// <remarks>
/// The host drains its queue: <see cref="Step"/> for each request, then one <see cref="Flush"/>, and only then sends
/// the replies (I6). Whatever throws, throws for good: the process ends, without sending a reply.
/// </remarks>
public sealed partial class NodeCore
{
    private readonly INodeStateStore _store;
    private readonly IJournalLog _log;
    private readonly NodeOptions _options;
    private readonly ProtocolRules _rules;
    private readonly List<NodeReply> _unsealed = [];

    private NodeState? _state;
    private bool _stateChanged;
    private bool _leavesLimbo;

    // Volatile on purpose: a restarted node assumes the worst of all three.
    private ulong _commitHint;
    private long _heartbeatAt;
    private ulong _heartbeatEpoch;

    /// <param name="now">The node's boot-time clock in nanoseconds, as in every later call.</param>
    public NodeCore(INodeStateStore store, IJournalLog log, NodeOptions options, long now)
        : this(store, log, options, now, ProtocolRules.Correct)
    {
    }

    internal NodeCore(INodeStateStore store, IJournalLog log, NodeOptions options, long now, ProtocolRules rules)
    {
        (_store, _log, _options, _rules) = (store, log, options, rules);
        _state = store.Load();
        _commitHint = log.Base.Index;
        if (_state is null) return;

        // A heartbeat may have been answered an instant before the end of the process before this one.
        _heartbeatAt = rules.RestartAssumesHeartbeat ? now : long.MinValue / 2;
        _heartbeatEpoch = _state.PromisedEpoch;
        if (log.RecoveredWithDamage) EnterLimbo(LimboReason.DamagedLog);
        else if (options.SuspectDisk) EnterLimbo(LimboReason.SuspectDisk);
        else if (log.LastIndex < _state.Base.Index) EnterLimbo(LimboReason.LogReplaced);
        if (_stateChanged) SaveState();
    }

    /// <summary>The superblock, or null while this copy is not admitted.</summary>
    public NodeState? State => _state;

    /// <summary>Everything up to here is known to be committed.</summary>
    public ulong CommitHint => _commitHint;

    /// <summary>Space on the node's disk; the host keeps it up to date. A total of 0 means unknown.</summary>
    public DiskSpace Space { get; set; }

    /// <summary>The host's watchdog found a flush that takes too long (PROTOCOL §2.9).</summary>
    public bool Stalled { get; set; }

    /// <summary>
    /// Requests refused because obeying would have broken an invariant. Anything but 0 needs a person.
    /// </summary>
    public int Alarms { get; private set; }

    /// <summary>What the last alarm was about.</summary>
    public string? LastAlarm { get; private set; }

    /// <summary>Runs one request. The reply must not be sent before <see cref="Flush"/> has returned.</summary>
    public NodeReply Step(NodeRequest request, long now)
    {
        var reply = Answer(request, now);
        _unsealed.Add(reply);
        return reply;
    }

    /// <summary>Makes durable all that the replies since the last flush rest on. Bytes of log written.</summary>
    /// <exception cref="DiskException">Nothing is known any more; no reply may be sent, the process must
    /// end.</exception>
    public long Flush()
    {
        SavePromise();
        var bytes = _log.Flush();
        if (_leavesLimbo || _state is not null && _state.Base != _log.Base) SaveAfterLog();

        // A higher promise of the same batch is told to all: an owner that hears of it believes nothing else.
        var promised = _state?.PromisedEpoch ?? 0;
        foreach (var reply in _unsealed)
            reply.Header = reply.Header with { FlushedIndex = _log.LastIndex, PromisedEpoch = promised };
        _unsealed.Clear();
        return bytes;
    }

    /// <summary>
    /// To be called when the log's <see cref="IJournalLog.Damaged"/> grew outside of a request (scrub).
    /// </summary>
    public void NoticeDamage()
    {
        if (_state is null || _log.Damaged.Count == 0) return;

        EnterLimbo(LimboReason.RottenEntry);
        SaveState();
    }

    private NodeReply Answer(NodeRequest request, long now)
    {
        var header = request.Header;
        if (header.Incarnation != _store.Incarnation) return Plain(request, NodeStatus.OtherIncarnation);
        if (_state is not null && _state.VolumeId != header.VolumeId) return Plain(request, NodeStatus.Refused);
        if (_state is { Retired: true })
            return Plain(request, request is RetireRequest ? NodeStatus.Ok : NodeStatus.Retired);
        if (request is AdmitRequest) return Admit(request, now);
        if (_state is null) return Plain(request, NodeStatus.NotAdmitted);
        if (request is TailRequest tail) return Tail(tail, now);
        if (!Obey(header)) return Plain(request, NodeStatus.Fenced);
        if (header.ConfigGeneration < _state.ConfigGeneration) return Plain(request, NodeStatus.OldConfiguration);

        if (request is RetireRequest) return Retire(request);
        if (header.Epoch > _state.PromisedEpoch || header.ConfigGeneration > _state.ConfigGeneration) Promise(header);
        return request switch
        {
            AppendRequest append => Append(append, now),
            NewEpochRequest => Testify(request, now),
            FetchRequest fetch => Fetch(fetch),
            TrimRequest trim => Trim(trim),
            ReleaseRequest => Release(request),
            InstallBaseRequest install => InstallBase(install),
            _ => Plain(request, NodeStatus.Refused),
        };
    }

    private bool Obey(in RequestHeader header)
    {
        var state = _state!;
        if (header.Epoch > state.PromisedEpoch) return true;
        if (header.Epoch < state.PromisedEpoch) return !_rules.FenceLowerEpochs;
        return header.OwnerId == state.PromisedOwner;
    }

    private void Promise(in RequestHeader header)
    {
        var epoch = Math.Max(header.Epoch, _state!.PromisedEpoch);
        _state = _state with
        {
            PromisedEpoch = epoch,
            PromisedOwner = header.Epoch == epoch ? header.OwnerId : _state.PromisedOwner,
            ConfigGeneration = _rules.KeepConfigGeneration ? header.ConfigGeneration : _state.ConfigGeneration,
        };
        _stateChanged |= _rules.PersistPromise;
    }

    private PlainReply Admit(NodeRequest request, long now)
    {
        if (_state is not null) return Plain(request, NodeStatus.Ok);

        var header = request.Header;
        var fresh = header.Epoch == 0;
        _state = new NodeState
        {
            VolumeId = header.VolumeId,
            Nonce = 0,
            PromisedEpoch = _rules.AdmitPromised ? header.Epoch : 0,
            PromisedOwner = header.OwnerId,
            ConfigGeneration = header.ConfigGeneration,
            Limbo = fresh || !_rules.AdmitInLimbo ? LimboReason.None : LimboReason.Emptied,
            ReleasedEpoch = 0,
            Base = _log.Base,
        };
        _stateChanged = true;

        // The copy that this one replaces may have answered a heartbeat.
        _heartbeatAt = now;
        _heartbeatEpoch = _state.PromisedEpoch;
        return Plain(request, NodeStatus.Ok);
    }

    private NewEpochReply Testify(NodeRequest request, long now) => new()
    {
        Header = Header(request, NodeStatus.Ok),
        Last = new EntryId(_log.LastIndex, _log.LastEpoch),
        Base = _log.Base,
        CommitHint = _commitHint,
        Damaged = _log.Damaged.Count == 0 ? [] : [.. _log.Damaged],
        SinceHeartbeatNanoseconds = Math.Max(0, now - _heartbeatAt),
        HeartbeatEpoch = _heartbeatEpoch,
        ReleasedEpoch = _state!.ReleasedEpoch,
    };

    private PlainReply Release(NodeRequest request)
    {
        if (request.Header.Epoch > _state!.ReleasedEpoch)
        {
            _state = _state with { ReleasedEpoch = request.Header.Epoch };
            _stateChanged = true;
        }

        return Plain(request, NodeStatus.Ok);
    }

    // A member that leaves is never told of the membership without it by anything else. So a copy that has seen that
    // generation has come back since, and the request is a late one.
    private PlainReply Retire(NodeRequest request)
    {
        if (request.Header.ConfigGeneration <= _state!.ConfigGeneration)
            return Plain(request, NodeStatus.OldConfiguration);

        Promise(request.Header);
        _state = _state with { Retired = true };
        _stateChanged = true;
        return Plain(request, NodeStatus.Ok);
    }

    private void EnterLimbo(LimboReason reason)
    {
        _state = _state! with { Limbo = reason, Nonce = _state.Nonce + 1 };
        _stateChanged = true;
        _leavesLimbo = false;
    }

    // The promise before the entries: a log never holds entries of an epoch that its node may still betray. Entries may
    // reach the disk before the flush, so this comes before the log is touched at all.
    private void SavePromise()
    {
        if (_stateChanged) SaveState();
    }

    private void SaveAfterLog()
    {
        _state = _state! with { Base = _log.Base, Limbo = _leavesLimbo ? LimboReason.None : _state.Limbo };
        _leavesLimbo = false;
        SaveState();
    }

    private void SaveState()
    {
        _store.Save(_state!);
        _stateChanged = false;
    }

    private PlainReply Refuse(NodeRequest request, string alarm)
    {
        Alarms++;
        LastAlarm = alarm;
        return Plain(request, NodeStatus.Refused);
    }

    private PlainReply Plain(NodeRequest request, NodeStatus status) => new() { Header = Header(request, status) };

    private ReplyHeader Header(NodeRequest request, NodeStatus status) => new()
    {
        Status = status,
        PromisedEpoch = _state?.PromisedEpoch ?? 0,
        Nonce = _state?.Nonce ?? 0,
        Incarnation = _store.Incarnation,
        ConfigGeneration = _state?.ConfigGeneration ?? 0,
        SentAt = request.Header.SentAt,
        Limbo = _state?.Limbo ?? LimboReason.None,
        Stalled = Stalled,
        Space = Space,
    };
}
