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
    private readonly Dictionary<int, HashSet<string>> _sliceCopies = [];
    private readonly SortedSet<int> _spilled = [];
    private readonly SimulatedChange _change;
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
        _change = new SimulatedChange(cluster, this);
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
        ChangeLoop();
    }

    public void Receive(int node, int slot, NodeReply reply) => Step((core, now, effects) =>
    {
        _cluster.Trace.Reply(node, Number, reply);
        core.Receive(slot, reply, now, effects);
    });

    public void SliceWritten(int slice, int node)
    {
        if (!_sliceCopies.TryGetValue(slice, out var copies)) _sliceCopies[slice] = copies = [];
        copies.Add($"{node}");
    }

    public int? AddLearner(VolumeMember member)
    {
        int? slot = null;
        Step((core, now, effects) => slot = core.AddLearner(member, now, effects));
        return slot;
    }

    /// <summary>The control plane has said what the record is.</summary>
    public void Adopt(VolumeRecord found, int question) => Run(() =>
    {
        if (!_change.Answers(question)) return;

        var known = Core.Record;
        if (found.Epoch != known.Epoch || found.OwnerId != known.OwnerId)
        {
            Stop(OwnerStopReason.Fenced);
            return;
        }

        if (found.ConfigGeneration < known.ConfigGeneration)
        {
            Stop(OwnerStopReason.OldConfiguration);
            return;
        }

        Step((core, now, effects) => core.Adopt(found, now, effects));
        if (!known.IsJoint || Core.Record.IsJoint) return;

        _cluster.Control.Committed(Core.Record);
        Retire(known);
    });

    public void Pause(long nanoseconds) => _pausedUntil = _cluster.Now + nanoseconds;

    public void Kill()
    {
        Dead = true;
        _cluster.Trace.Note("owner dies", (ulong)Number);
    }

    public void HandOver()
    {
        if (Core.Phase == OwnerPhase.Leading) Step((core, now, effects) => core.HandOver(new byte[12], now, effects));
    }

    public void BreakLink(int slot) => Step((core, now, effects) => core.LinkChanged(slot, now, effects));

    public void Propose(JournalEntryType type, int slice, bool spilled = false)
    {
        if (Core.Phase != OwnerPhase.Leading) return;

        var payload = new byte[12];
        BinaryPrimitives.WriteInt32LittleEndian(payload, _cluster.NewValue());
        BinaryPrimitives.WriteInt32LittleEndian(payload.AsSpan(4), slice);
        payload[8] = spilled ? (byte)1 : (byte)0;
        Step((core, now, effects) => core.Propose(type, payload, now, effects));
    }

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
                Send(effect.Member, effect.Request!);
                break;
            case OwnerEffectKind.Committed:
                Commit(effect.Entry!);
                break;
            case OwnerEffectKind.Recovered:
                _cluster.Trace.Note("recovered", Core.Epoch, Core.LastIndex);
                _cluster.History.Recovered(Core);
                Step((core, now, effects) => core.BeginEpoch(new byte[12], now, effects));
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

    private void Send(int slot, NodeRequest request)
    {
        if (Core.ProgressOf(slot).NodeId is { } node) _cluster.ToNode(this, _cluster.NodeOf(node), slot, request);
    }

    private void Commit(JournalEntry entry)
    {
        _cluster.Trace.Note("commit", Core.Epoch, entry.Index, entry.Epoch);
        if (entry.Index > _cluster.History.CommittedIndex) _cluster.Control.Committed(Core.Record);
        _cluster.History.Committed(entry, Core.Epoch);
        Applied = new LogBase(entry.Index, entry.Epoch, entry.Chain);
        Refer(entry);
        if (entry.Type == JournalEntryType.Checkpoint) _checkpoint = entry.Index;
        if (Core.Phase is OwnerPhase.Leading or OwnerPhase.HandingOver) Acknowledge();
    }

    private void Acknowledge()
    {
        if (Applied.Index <= _acknowledged) return;

        _acknowledged = Applied.Index;
        _cluster.History.Acknowledge(_acknowledged);
    }

    private void Refer(JournalEntry entry)
    {
        if (entry.Type != JournalEntryType.Transaction) return;

        var slice = BinaryPrimitives.ReadInt32LittleEndian(entry.Payload.Span[4..]);
        if (slice == 0) return;
        if (entry.Payload.Span[8] != 0)
        {
            _spilled.Add(slice);
            return;
        }

        _spilled.Remove(slice);
        _cluster.History.Referenced(slice);
        if (!_cluster.SliceExists(slice))
            _cluster.History.Fail($"I7: {entry.Id} is committed, its slice {slice} is nowhere");
    }

    private void ReplaceMember(int slot, ulong incarnation)
    {
        if (Core.ProgressOf(slot).NodeId is not { } node) return;

        _cluster.Trace.Note("replace", (ulong)slot, incarnation);
        _change.Ask(record => record.WithIncarnation(node, incarnation));
    }

    // Best effort, as in the daemon: a node that hears nothing keeps a directory that nobody uses.
    private void Retire(VolumeRecord before)
    {
        foreach (var member in before.AllMembers())
        {
            if (Core.SlotOf(member.NodeId) is not null || _cluster.Random.Next(3) == 0) continue;

            var record = Core.Record;
            _cluster.ToNode(this, _cluster.NodeOf(member), -1, new RetireRequest
            {
                Header = new RequestHeader(
                    record.VolumeId, record.Epoch, record.OwnerId, record.ConfigGeneration, member.Incarnation, Clock),
            });
        }
    }

    private void ChangeLoop() => _cluster.After(10 * Knobs.Millisecond, () => Run(() =>
    {
        _change.Step();
        ChangeLoop();
    }));

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
            case OwnerStopReason.OldConfiguration when _cluster.Knobs.Restores:
                _cluster.After(_cluster.NetworkDelay(), _cluster.Repair);
                break;
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
        if (_spilled.Count > 0 && random.Next(3) == 0)
        {
            Drain();
            return;
        }

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

        var placement = new SlicePlacement(Core.Record);
        foreach (var node in placement.Nodes) _cluster.SliceToNode(this, _cluster.NodeOf(node), slice);
        if (_cluster.Has(Mutations.SlicesLate)) Propose(JournalEntryType.Transaction, slice);
        else AwaitSlice(slice, placement, SliceWritesTriedMax);
    }

    // What counts is the membership at the moment in which the entry is sent: a slice that was written under an earlier
    // one may be on nodes that are about to leave.
    private void AwaitSlice(int slice, SlicePlacement written, int triesLeft)
    {
        if (Dead) return;

        var placement = _cluster.Has(Mutations.SlicesByOldMembers) ? written : new SlicePlacement(Core.Record);
        var copies = _sliceCopies.GetValueOrDefault(slice, []);
        if (placement.IsDurable(copies.Contains))
            Propose(JournalEntryType.Transaction, slice);
        else if (triesLeft > 0)
            _cluster.After(4 * Knobs.Millisecond, () => Run(() => AwaitSlice(slice, written, triesLeft - 1)));
        else if (placement.HasWitness && copies.Count > 0)
            Propose(JournalEntryType.Transaction, slice, spilled: !_cluster.Has(Mutations.OneCopyWhenDegraded));
    }

    // Heal copies from the rows, and when enough nodes have the slice, an entry deletes them: from its commit on, the slice
    // is on the nodes alone.
    private void Drain()
    {
        var slice = _spilled.Min;
        var placement = new SlicePlacement(Core.Record);
        foreach (var name in placement.Nodes)
        {
            var node = _cluster.NodeOf(name);
            if (node.Up && _cluster.Random.Next(4) == 0) node.Slices.Add(slice);
        }

        if (placement.IsDurable(HasIt)) Propose(JournalEntryType.Transaction, slice);

        bool HasIt(string name)
        {
            var node = _cluster.NodeOf(name);
            return node.Up && (node.Slices.Contains(slice) || _cluster.Has(Mutations.RowsDroppedUnhealed));
        }
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
}
