using Gateway.Replication.Disks;
using Gateway.Replication.Journal;
using Gateway.Replication.Quorum;

namespace Gateway.Simulation.Cluster;

/// <summary>A node process on its machine: queue, group commit, and all the ways to end and come back.</summary>
internal sealed class SimulatedNode
{
    private readonly SimulatedCluster _cluster;
    private readonly NodeStorage _storage;
    private readonly int _driftPermille;
    private readonly Queue<(NodeRequest Request, SimulatedOwner From, int Slot)> _queue = new();
    private readonly List<(NodeReply Reply, SimulatedOwner To, int Slot)> _replies = [];
    private readonly Queue<(TailRequest Request, Action<NodeReply> Answer)> _tails = new();
    private IJournalLog? _log;
    private int _run;
    private bool _flushing;
    private bool _full;

    public SimulatedNode(SimulatedCluster cluster, int id, NodeStorage storage)
    {
        (_cluster, Id, _storage) = (cluster, id, storage);
        _driftPermille = cluster.Random.Next(61) - 30;
    }

    public int Id { get; }

    public bool Up { get; private set; }

    public NodeCore? Core { get; private set; }

    public ulong Incarnation => _storage.Incarnation;

    /// <summary>Votes without taking slices, whenever it is a member.</summary>
    public bool Witness { get; init; }

    public HashSet<int> Slices { get; } = [];

    /// <summary>Lost or damaged something, and has not become complete again.</summary>
    public bool Damaged { get; private set; }

    public ulong LastIndex => _log?.LastIndex ?? 0;

    private long Clock => _cluster.Now + _cluster.Now * _driftPermille / 1000;

    public void Start(bool suspect = false)
    {
        _log = _storage.Open(suspect);
        if (_cluster.Has(Mutations.TruncateOnMidCorruption)) _storage.CutAtDamage();
        Core = new NodeCore(_storage, _log, new NodeOptions { SuspectDisk = suspect }, Clock, _cluster.Rules);
        Up = true;
        SetSpace();
        _cluster.Trace.Note("node up", (ulong)Id, _log.LastIndex, (ulong)(Core.State?.Limbo ?? 0));
    }

    /// <param name="slot">The sender's number for this node.</param>
    public void Deliver(NodeRequest request, SimulatedOwner from, int slot)
    {
        if (!Up) return;

        _cluster.Trace.Request(Id, from.Number, request);
        _queue.Enqueue((request, from, slot));
        Pump();
    }

    /// <summary>A standby asks: answered between two batches of the owners' requests, behind the flush.</summary>
    public void Tail(TailRequest request, Action<NodeReply> answer)
    {
        if (!Up) return;

        _tails.Enqueue((request, answer));
        if (!_flushing) ServeTails();
    }

    /// <summary>The other service of a node: a slice becomes durable, by a flush of its own.</summary>
    public void WriteSlice(int slice, SimulatedOwner from)
    {
        if (!Up) return;

        var run = _run;
        _cluster.After(_cluster.FlushTime(), () =>
        {
            if (run != _run || !Up) return;
            Slices.Add(slice);
            _cluster.ToOwner(this, from, () => from.SliceWritten(slice, Id));
        });
    }

    /// <summary>Heal has brought what the members have.</summary>
    public void CopySlices(VolumeRecord record)
    {
        foreach (var member in record.AllMembers()) Slices.UnionWith(_cluster.NodeOf(member).Slices);
    }

    public void SetFull(bool full)
    {
        _full = full;
        SetSpace();
    }

    /// <summary>
    /// The power goes, or the process ends. What happens to the disk meanwhile is part of the event.
    /// </summary>
    public void Crash(bool suspect = false)
    {
        if (!Up) return;

        _cluster.Crashes++;
        Up = false;
        _run++;
        _flushing = false;
        _queue.Clear();
        _tails.Clear();
        _replies.Clear();
        _storage.Crash(_cluster.Random);
        Damaged |= suspect;
        _cluster.Trace.Note("node down", (ulong)Id, suspect ? 1UL : 0);

        var random = _cluster.Random;
        var admitted = _storage.Load() is not null;
        var mayDamage = admitted && !suspect && _cluster.MayDamage(this);
        if (mayDamage && random.Next(_cluster.Knobs.WipeOneIn) == 0) Wipe();
        else if (mayDamage && random.Next(_cluster.Knobs.RotOneIn) == 0 && _storage.Rot(random)) NoteDamage("rot");
        _cluster.After(random.NextInt64(120 * Knobs.Millisecond), () => Restart(suspect));
    }

    public void Restart(bool suspect = false)
    {
        if (!Up) Start(suspect);
    }

    /// <summary>
    /// A sector rots under the running node; its scrub finds it some time later, if nobody does before.
    /// </summary>
    public void RotUnnoticed()
    {
        if (!Up || !_cluster.MayDamage(this) || !_storage.RotUnnoticed(_cluster.Random)) return;

        NoteDamage("silent rot");
        var run = _run;
        _cluster.After(_cluster.Random.NextInt64(200 * Knobs.Millisecond), () =>
        {
            if (run != _run || !Up) return;
            for (var index = _log!.Base.Index + 1; index <= _log.LastIndex; index++) _log.Read(index);
            _cluster.Guard(Core!.NoticeDamage);
        });
    }

    private void Wipe()
    {
        NoteDamage("wipe");
        _cluster.Wipes++;
        Slices.Clear();
        if (_cluster.Has(Mutations.WipedRejoins) && Core!.State is not null) _storage.WipeAndRejoin();
        else _storage.Wipe(_cluster.NewIncarnation());
        _cluster.CheckSlices();
    }

    private void NoteDamage(string what)
    {
        Damaged = true;
        _cluster.Damages++;
        _cluster.Trace.Note(what, (ulong)Id);
    }

    private void SetSpace() => Core!.Space = new DiskSpace(1 << 30, _full ? 0 : 1 << 29);

    private void Pump()
    {
        if (_flushing || !Up || _queue.Count == 0) return;

        while (_queue.TryDequeue(out var item))
        {
            NodeReply? reply = null;
            _cluster.Guard(() => reply = Core!.Step(item.Request, Clock));
            if (reply is null) return;

            if (item.Request is AppendRequest append)
                foreach (var entry in append.Entries.Span) _cluster.History.Stored(entry);
            if (_cluster.Has(Mutations.AckBeforeFlush)) Send(reply, item.From, item.Slot);
            else _replies.Add((reply, item.From, item.Slot));
        }

        if (Core!.Alarms > 0) _cluster.History.Fail($"I4/I9: node {Id}: {Core.LastAlarm}");
        _flushing = true;
        var run = _run;
        _cluster.After(_cluster.FlushTime(), () => Flush(run));
    }

    private void Flush(int run)
    {
        if (run != _run) return;

        if (FlushFails(out var suspect))
        {
            Crash(suspect);
            return;
        }

        _cluster.Guard(() => Core!.Flush());
        _flushing = false;
        foreach (var (reply, to, slot) in _replies) Send(reply, to, slot);
        _replies.Clear();
        if (Core!.State is { Retired: true }) Delete();
        NoteRecovery();
        ServeTails();
        Pump();
    }

    private void ServeTails()
    {
        while (_tails.TryDequeue(out var tail)) _cluster.Guard(() => tail.Answer(Core!.Step(tail.Request, Clock)));
        _cluster.Guard(() => Core!.Flush());
    }

    // The disk refuses a flush, or the power goes in the middle of one: either way the promise may be there and
    // the log not.
    private bool FlushFails(out bool suspect)
    {
        suspect = false;
        if (_cluster.Quiet || _cluster.Random.Next(_cluster.Knobs.FailFlushOneIn) != 0) return false;

        suspect = _cluster.MayDamage(this) && _cluster.Random.Next(2) == 0;
        _storage.FailNextFlush(true);
        try
        {
            Core!.Flush();
            _storage.FailNextFlush(false);
            return false;
        }
        catch (DiskException)
        {
            return true;
        }
    }

    // The copy has left the volume: the directory goes, and with it the incarnation.
    private void Delete()
    {
        _cluster.Trace.Note("deleted", (ulong)Id);
        _queue.Clear();
        Damaged = false;
        Slices.Clear();
        _storage.Wipe(_cluster.NewIncarnation());
        _cluster.CheckSlices();
        Start();
    }

    private void Send(NodeReply reply, SimulatedOwner to, int slot)
    {
        if (reply is AppendReply { Matched: true } append && !_cluster.Has(Mutations.AckBeforeFlush)
            && append.Header.PromisedEpoch <= to.Core.Epoch && append.Position.Index > append.Header.FlushedIndex)
        {
            var flushed = append.Header.FlushedIndex;
            _cluster.History.Fail($"I6: node {Id} acknowledges {append.Position} with {flushed} flushed");
        }

        _cluster.ToOwner(this, to, () => to.Receive(Id, slot, reply));
    }

    // Complete again: then heal brings its slices too, before anything else may be damaged.
    private void NoteRecovery()
    {
        if (!Damaged || Core!.State is not { Limbo: LimboReason.None } || _storage.HasRot) return;

        Damaged = false;
        if (!Witness) foreach (var node in _cluster.Nodes) Slices.UnionWith(node.Slices);
        _cluster.Trace.Note("node complete", (ulong)Id);
    }
}
