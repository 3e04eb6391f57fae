using System.Globalization;
using System.Text;
using Gateway.Replication.Disks;
using Gateway.Replication.Journal;
using Gateway.Replication.Quorum;
using Gateway.Simulation.Cluster;

namespace Gateway.Replication.Tests.Quorum;

/// <summary>
/// Nodes and owners on a bench: messages wait in the open until the test lets them pass, and the clock moves by hand.
/// Time in milliseconds.
/// </summary>
internal sealed class QuorumBench : IDisposable
{
    public const int LeaseMilliseconds = 2000;

    private readonly List<MemoryStorage> _storages = [];
    private readonly List<BenchOwner> _owners = [];

    /// <param name="spares">Nodes behind the members, which are not admitted yet.</param>
    public QuorumBench(int members, int spares = 0)
    {
        for (var id = 0; id < members + spares; id++) _storages.Add(new MemoryStorage((ulong)id + 1));
        Record = new VolumeRecord
        {
            VolumeId = new Guid(1, 2, 3, new byte[8]),
            Epoch = 0,
            OwnerId = 0,
            OwnerAddress = "",
            ConfigGeneration = 1,
            Members = [.. Enumerable.Range(0, members).Select(MemberOn)],
            LeaseMilliseconds = LeaseMilliseconds,
        };
        for (var id = 0; id < members + spares; id++)
        {
            Nodes.Add(null!);
            Restart(id);
            if (id < members) Ask(id, new AdmitRequest { Header = HeaderOf(0, 0, id) });
        }
    }

    /// <summary>What the control plane holds.</summary>
    public VolumeRecord Record { get; set; }

    public List<NodeCore> Nodes { get; } = [];

    public List<IJournalLog> Logs { get; } = [];

    /// <summary>Nodes that neither get nor send anything.</summary>
    public HashSet<int> Down { get; } = [];

    public long Now { get; private set; } = 10_000_000_000;

    public void Dispose() => _storages.ForEach(storage => storage.Dispose());

    /// <param name="applied">Position of the rows that the owner starts with.</param>
    /// <param name="ringBytesMax">Committed entries beyond it are no longer in the owner's memory.</param>
    /// <param name="rules">Deliberately wrong ones, or null.</param>
    public BenchOwner TakeOver(LogBase applied = default, long ringBytesMax = 1 << 20, ProtocolRules? rules = null)
    {
        Record = Record with { Epoch = Record.Epoch + 1, OwnerId = Record.Epoch + 1 };
        var owner = new BenchOwner(this, new OwnerOptions
        {
            Record = Record,
            Applied = applied,
            RingBytesMax = ringBytesMax,
        }, rules ?? ProtocolRules.Correct);
        _owners.Add(owner);
        return owner;
    }

    /// <summary>An owner that leads, with all that is under way delivered.</summary>
    public BenchOwner Lead(ProtocolRules? rules = null)
    {
        var owner = TakeOver(rules: rules);
        owner.Start();
        Pass();
        Advance(LeaseMilliseconds * 2);
        Assert.That(owner.Core.Phase, Is.EqualTo(OwnerPhase.Leading));
        return owner;
    }

    /// <summary>Delivers everything of all owners that can be delivered, until nothing moves.</summary>
    public void Pass()
    {
        while (_owners.Exists(owner => owner.PassOne())) { }
    }

    /// <summary>Lets time pass in small steps, with everything delivered.</summary>
    public void Advance(int milliseconds)
    {
        for (var step = 0; step < milliseconds; step += 50)
        {
            Now += 50_000_000;
            foreach (var owner in _owners) owner.Wake();
            Pass();
        }
    }

    /// <summary>Lets time pass while nothing is delivered or woken.</summary>
    public void Skip(int milliseconds) => Now += milliseconds * 1_000_000L;

    public NodeReply Ask(int node, NodeRequest request)
    {
        var reply = Nodes[node].Step(request, Now);
        Nodes[node].Flush();
        return reply;
    }

    /// <summary>Requests that a node finds waiting: one flush for all of them.</summary>
    public NodeReply[] AskTogether(int node, params ReadOnlySpan<NodeRequest> requests)
    {
        var replies = new NodeReply[requests.Length];
        for (var at = 0; at < requests.Length; at++) replies[at] = Nodes[node].Step(requests[at], Now);
        Nodes[node].Flush();
        return replies;
    }

    public void Crash(int node, Func<MemoryStorage, bool>? damage = null, int seed = 1)
    {
        _storages[node].Crash(new Random(seed));
        if (damage is not null) Assert.That(damage(_storages[node]));
    }

    public void Wipe(int node, ulong incarnation)
    {
        _storages[node].Wipe(incarnation);
        Restart(node);
    }

    public void Restart(int node, bool suspect = false)
    {
        var log = _storages[node].Open(suspect);
        if (Logs.Count <= node) Logs.Add(log);
        Logs[node] = log;
        Nodes[node] = new NodeCore(_storages[node], log, new NodeOptions { SuspectDisk = suspect }, Now);
        Nodes[node].Space = new DiskSpace(1 << 30, 1 << 29);
    }

    /// <summary>Compare-and-set of a member's incarnation.</summary>
    public VolumeRecord Replace(int member, ulong incarnation) =>
        Record = Record.WithIncarnation(Record.Members[member].NodeId, incarnation);

    /// <summary>The copy that is on a node now. Its slot is its number, while nodes join in that order.</summary>
    public VolumeMember MemberOn(int node) => new($"n{node}", _storages[node].Incarnation);

    public RequestHeader HeaderOf(ulong epoch, ulong ownerId, int node) => new(
        Record.VolumeId, epoch, ownerId, Record.ConfigGeneration, _storages[node].Incarnation, Now);

    /// <summary>The log as text: the epoch of each entry, "!" where damaged.</summary>
    public string LogOf(int node)
    {
        var text = new StringBuilder();
        for (var index = Logs[node].Base.Index + 1; index <= Logs[node].LastIndex; index++)
        {
            var (presence, entry) = Logs[node].Read(index);
            text.Append(presence == EntryPresence.Present ? entry!.Epoch.ToString() : "!");
        }

        return text.ToString();
    }
}

/// <summary>An owner on the bench and what it has on the wire.</summary>
internal sealed class BenchOwner(QuorumBench bench, OwnerOptions options, ProtocolRules rules)
{
    private readonly List<OwnerEffect> _effects = [];
    private readonly Queue<(int Slot, int Node, NodeRequest Request)> _wire = new();
    private readonly List<(int Slot, NodeReply Reply)> _heldBack = [];
    private bool _dead;

    public OwnerCore Core { get; } = new(options, rules);

    /// <summary>Nodes that this owner does not reach.</summary>
    public HashSet<int> Cut { get; } = [];

    public List<ulong> Committed { get; } = [];

    /// <summary>Replies that the network is slow with, until <see cref="DeliverHeldBack"/>.</summary>
    public Func<int, NodeReply, bool> HoldBack { get; set; } = (_, _) => false;

    public OwnerStopReason Stopped { get; private set; }

    public bool HasLease => bench.Now < Core.LeaseValidUntil;

    public void Start() => Do((now, effects) => Core.Start(now, effects));

    public void Wake()
    {
        if (!_dead && Core.WakeAt <= bench.Now) Do((now, effects) => Core.Wake(now, effects));
    }

    public void Propose(int count = 1)
    {
        for (var each = 0; each < count; each++)
            Do((now, effects) => Core.Propose(JournalEntryType.Transaction, new byte[8], now, effects));
    }

    public void ProposeConfig() =>
        Do((now, effects) => Core.Propose(JournalEntryType.Config, new byte[8], now, effects));

    public void AddLearner(int node) => Do((now, effects) => Core.AddLearner(bench.MemberOn(node), now, effects));

    public void Adopt(VolumeRecord record) => Do((now, effects) => Core.Adopt(record, now, effects));

    public void Checkpoint() =>
        Do((now, effects) => Core.Propose(JournalEntryType.Checkpoint, default, now, effects));

    public void Trim(ulong upTo, ulong checkpoint) => Do((now, effects) => Core.Trim(upTo, checkpoint, now, effects));

    public void HandOver() => Do((now, effects) => Core.HandOver(default, now, effects));

    public void DropWire() => _wire.Clear();

    /// <summary>The process is gone, and what it had sent with it.</summary>
    public void Kill()
    {
        _dead = true;
        DropWire();
    }

    /// <summary>Delivers the oldest message and its answer; false when there is none.</summary>
    public bool PassOne()
    {
        if (!_wire.TryDequeue(out var message)) return false;
        if (bench.Down.Contains(message.Node) || Cut.Contains(message.Node)) return true;

        var reply = bench.Ask(message.Node, message.Request);
        if (HoldBack(message.Node, reply)) _heldBack.Add((message.Slot, reply));
        else Receive(message.Slot, reply);
        return true;
    }

    /// <summary>Delivers what was held back, and holds nothing back from then on.</summary>
    public void DeliverHeldBack()
    {
        HoldBack = (_, _) => false;
        foreach (var (slot, reply) in _heldBack) Receive(slot, reply);
        _heldBack.Clear();
    }

    public void Receive(int slot, NodeReply reply) =>
        Do((now, effects) => Core.Receive(slot, reply, now, effects));

    private void Do(Action<long, List<OwnerEffect>> step)
    {
        var first = _effects.Count;
        step(bench.Now, _effects);
        if (first != 0) return;

        for (var at = 0; at < _effects.Count; at++) Handle(_effects[at]);
        _effects.Clear();
    }

    private void Handle(OwnerEffect effect)
    {
        switch (effect.Kind)
        {
            case OwnerEffectKind.Send:
                var node = int.Parse(Core.ProgressOf(effect.Member).NodeId.AsSpan(1), CultureInfo.InvariantCulture);
                _wire.Enqueue((effect.Member, node, effect.Request!));
                break;
            case OwnerEffectKind.Committed:
                Committed.Add(effect.Entry!.Index);
                break;
            case OwnerEffectKind.Recovered:
                Core.BeginEpoch(new byte[4], bench.Now, _effects);
                break;
            case OwnerEffectKind.MemberChanged:
                Core.Adopt(bench.Replace(effect.Member, effect.Incarnation), bench.Now, _effects);
                break;
            case OwnerEffectKind.Stopped:
                Stopped = effect.Reason;
                break;
        }
    }
}
