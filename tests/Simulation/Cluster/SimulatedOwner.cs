using System.Buffers.Binary;
using Gateway.Replication.Journal;
using Gateway.Replication.Quorum;

namespace Gateway.Simulation.Cluster;

/// <summary>
/// A gateway process that owns the volume, or believes so: it carries out the effects of an owner core.
/// </summary>
internal sealed class SimulatedOwner
{
    private const int SliceWritesTriedMax = 30;

    private readonly SimulatedCluster _cluster;
    private readonly int _driftPermille;
    private readonly List<OwnerEffect> _effects = [];
    private readonly Dictionary<int, HashSet<int>> _sliceCopies = [];
    private bool _handling;
    private bool _leaseFlag;
    private long _wakeAt = long.MaxValue;
    private long _pausedUntil;
    private ulong _acknowledged;
    private ulong _checkpoint;

    public SimulatedOwner(SimulatedCluster cluster, int number, VolumeRecord record, LogBase applied)
    {
        (_cluster, Number, Applied) = (cluster, number, applied);
        _driftPermille = cluster.Random.Next(61) - 30;
        Core = NewCore(record);
    }

    public int Number { get; }

    public OwnerCore Core { get; private set; }

    public bool Dead { get; private set; }

    /// <summary>What its rows hold; another gateway may start from them.</summary>
    public LogBase Applied { get; private set; }

    private long Clock => _cluster.Now + _cluster.Now * _driftPermille / 1000;

    public void Start()
    {
        Step((core, now, effects) => core.Start(now, effects));
        RefreshLeaseFlag();
        ClientLoop();
    }

    public void Receive(int node, NodeReply reply) => Step((core, now, effects) =>
    {
        _cluster.Trace.Reply(node, Number, reply);
        core.Receive(node, reply, now, effects);
    });

    public void SliceWritten(int slice, int node)
    {
        if (!_sliceCopies.TryGetValue(slice, out var copies)) _sliceCopies[slice] = copies = [];
        copies.Add(node);
    }

    public void Pause(long nanoseconds) => _pausedUntil = _cluster.Now + nanoseconds;

    public void Kill()
    {
        Dead = true;
        _cluster.Trace.Note("owner dies", (ulong)Number);
    }

    public void HandOver()
    {
        if (Core.Phase == OwnerPhase.Leading) Step((core, now, effects) => core.HandOver(new byte[8], now, effects));
    }

    public void BreakLink(int node) => Step((core, now, effects) => core.LinkChanged(node, now, effects));

    /// <summary>
    /// A client reads: the state now, the lease a moment later, as a thread that was put off would.
    /// </summary>
    public void Read(ulong observedBefore)
    {
        Run(() =>
        {
            if (Core.Phase is not (OwnerPhase.Leading or OwnerPhase.HandingOver)) return;

            var index = _acknowledged;
            if (_cluster.Random.Next(4) == 0) _cluster.After(_cluster.Random.NextInt64(5_000_000), () => Run(Answer));
            else Answer();

            void Answer()
            {
                var valid = _cluster.Has(Mutations.LeaseFlagByTimer) ? _leaseFlag : Clock < Core.LeaseValidUntil;
                if (valid) _cluster.History.Read(index, observedBefore, Core.Epoch);
            }
        });
    }

    private OwnerCore NewCore(VolumeRecord record)
    {
        var knobs = _cluster.Knobs;
        return new OwnerCore(
            new OwnerOptions
            {
                Record = record,
                Applied = Applied,
                HeartbeatNanoseconds = 10 * Knobs.Millisecond,
                RetryNanoseconds = 15 * Knobs.Millisecond,
                ClockDriftPermille = 30,
                RingBytesMax = knobs.RingBytesMax,
                InFlightBytesMax = knobs.InFlightBytesMax,
                AppendEntriesMax = knobs.AppendEntriesMax,
                FetchBytesMax = knobs.FetchBytesMax,
            },
            _cluster.Rules);
    }

    // Runs now, or when the pause is over: a paused process does not notice that it was.
    private void Run(Action action)
    {
        if (Dead) return;

        if (_pausedUntil > _cluster.Now) _cluster.After(_pausedUntil - _cluster.Now + 1, () => Run(action));
        else action();
    }

    private void Step(Action<OwnerCore, long, List<OwnerEffect>> step) => Run(() =>
    {
        _cluster.Guard(() => step(Core, Clock, _effects));
        if (_handling) return;

        _handling = true;
        for (var at = 0; at < _effects.Count && !Dead; at++) Handle(_effects[at]);
        _effects.Clear();
        _handling = false;
        ScheduleWake();
    });

    private void Handle(in OwnerEffect effect)
    {
        switch (effect.Kind)
        {
            case OwnerEffectKind.Send:
                _cluster.ToNode(this, effect.Member, effect.Request!);
                break;
            case OwnerEffectKind.Committed:
                Commit(effect.Entry!);
                break;
            case OwnerEffectKind.Recovered:
                _cluster.Trace.Note("recovered", Core.Epoch, Core.LastIndex);
                _cluster.History.Recovered(Core);
                Step((core, now, effects) => core.BeginEpoch(new byte[8], now, effects));
                break;
            case OwnerEffectKind.Leading:
                _cluster.Trace.Note("leading", Core.Epoch, Core.LastIndex);
                Acknowledge();
                break;
            case OwnerEffectKind.MemberChanged:
                ReplaceMember(effect.Member, effect.Incarnation);
                break;
            case OwnerEffectKind.Stopped:
                Stop(effect.Reason);
                break;
        }
    }

    private void Commit(JournalEntry entry)
    {
        _cluster.Trace.Note("commit", Core.Epoch, entry.Index, entry.Epoch);
        _cluster.History.Committed(entry, Core.Epoch);
        Applied = new LogBase(entry.Index, entry.Epoch, entry.Chain);
        var slice = BinaryPrimitives.ReadInt32LittleEndian(entry.Payload.Span[4..]);
        if (slice != 0 && !_cluster.SliceExists(slice))
            _cluster.History.Fail($"I7: {entry.Id} is committed, its slice {slice} is nowhere");
        if (entry.Type == JournalEntryType.Checkpoint) _checkpoint = entry.Index;
        if (Core.Phase is OwnerPhase.Leading or OwnerPhase.HandingOver) Acknowledge();
    }

    private void Acknowledge()
    {
        if (Applied.Index <= _acknowledged) return;

        _acknowledged = Applied.Index;
        _cluster.History.Acknowledge(_acknowledged);
    }

    private void ReplaceMember(int member, ulong incarnation)
    {
        _cluster.Trace.Note("replace", (ulong)member, incarnation);
        if (_cluster.Control.TryReplace(Core.Epoch, member, incarnation) is { } generation)
            Step((core, now, effects) => core.MemberReplaced(member, incarnation, generation, now, effects));
        else
            Stop(OwnerStopReason.Fenced);
    }

    private void Stop(OwnerStopReason reason)
    {
        _cluster.Trace.Note("stopped", Core.Epoch, (ulong)reason);
        switch (reason)
        {
            case OwnerStopReason.BehindTrim:
                // The checkpoint holds the rows at the base: recovery starts again behind it, in the same epoch.
                Applied = Core.OldestBase;
                if (Applied != _cluster.History.PositionOf(Applied.Index))
                    _cluster.History.Fail($"the base {Applied} is not what was committed");
                Core = NewCore(Core.Record);
                Step((core, now, effects) => core.Start(now, effects));
                return;
            case OwnerStopReason.HistoryLost or OwnerStopReason.OldConfiguration:
                _cluster.History.Fail($"epoch {Core.Epoch} stops: {reason}");
                break;
            case OwnerStopReason.Released:
                _cluster.After(_cluster.NetworkDelay(), _cluster.StartOwner);
                break;
        }

        Dead = true;
    }

    private void ScheduleWake()
    {
        var at = Core.WakeAt;
        if (Dead || at == long.MaxValue || at >= _wakeAt) return;

        _wakeAt = at;
        var wait = at <= Clock ? 0 : (at - Clock) * 1000 / (1000 + _driftPermille) + 1000;
        _cluster.After(wait, () => Run(() =>
        {
            if (_wakeAt == at) _wakeAt = long.MaxValue;
            if (Clock < Core.WakeAt)
            {
                ScheduleWake();
                return;
            }

            Step((core, now, effects) => core.Wake(now, effects));
            if (!Dead && Core.WakeAt <= Clock) _cluster.History.Fail($"epoch {Core.Epoch} wants to be woken for ever");
        }));
    }

    private void RefreshLeaseFlag()
    {
        if (!_cluster.Has(Mutations.LeaseFlagByTimer)) return;

        _leaseFlag = Clock < Core.LeaseValidUntil;
        _cluster.After(8 * Knobs.Millisecond, () => Run(RefreshLeaseFlag));
    }

    private void ClientLoop() => _cluster.After(_cluster.Random.NextInt64(12 * Knobs.Millisecond), () => Run(() =>
    {
        // At the end of the quiet time the slowest node must be able to come level.
        if (_cluster.Idle) return;

        var writes = 1 + _cluster.Random.Next(_cluster.Knobs.Burst);
        for (var write = 0; write < writes && !Dead; write++)
            if (Core.Phase == OwnerPhase.Leading && Core.LastIndex - Core.CommitIndex < 20) Write();
        ClientLoop();
    }));

    private void Write()
    {
        if (Core.Phase != OwnerPhase.Leading) return;

        var random = _cluster.Random;
        if (random.Next(_cluster.Knobs.CheckpointOneIn) == 0)
        {
            Checkpoint();
            return;
        }

        var slice = random.Next(2) == 0 ? _cluster.NewSlice() : 0;
        if (slice == 0)
        {
            Propose(JournalEntryType.Transaction, slice);
            return;
        }

        foreach (var node in _cluster.Nodes) _cluster.SliceToNode(this, node, slice);
        if (_cluster.Has(Mutations.SlicesLate)) Propose(JournalEntryType.Transaction, slice);
        else AwaitSlice(slice, SliceWritesTriedMax);
    }

    private void AwaitSlice(int slice, int triesLeft)
    {
        var needed = QuorumRule.Majority(_cluster.Nodes.Length);
        if (_sliceCopies.TryGetValue(slice, out var copies) && copies.Count >= needed)
            Propose(JournalEntryType.Transaction, slice);
        else if (triesLeft > 0)
            _cluster.After(4 * Knobs.Millisecond, () => Run(() => AwaitSlice(slice, triesLeft - 1)));
    }

    private void Checkpoint()
    {
        if (_checkpoint > 0 && _checkpoint <= Core.CommitIndex)
        {
            var upTo = _checkpoint - Math.Min(_checkpoint, (ulong)_cluster.Random.Next(20));
            Step((core, now, effects) => core.Trim(upTo, _checkpoint, now, effects));
        }

        Propose(JournalEntryType.Checkpoint, 0);
    }

    private void Propose(JournalEntryType type, int slice)
    {
        if (Core.Phase != OwnerPhase.Leading) return;

        var payload = new byte[8];
        BinaryPrimitives.WriteInt32LittleEndian(payload, _cluster.NewValue());
        BinaryPrimitives.WriteInt32LittleEndian(payload.AsSpan(4), slice);
        Step((core, now, effects) => core.Propose(type, payload, now, effects));
    }
}
