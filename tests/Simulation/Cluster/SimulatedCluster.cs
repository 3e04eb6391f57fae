using Gateway.Replication;
using Gateway.Replication.Disks;
using Gateway.Replication.Journal;
using Gateway.Replication.Quorum;

namespace Gateway.Simulation.Cluster;

/// <summary>
/// One run: nodes, owners that come and go, a network and faults, all from one seed on one thread. After the
/// faults comes a quiet time in which everything must recover by itself.
/// </summary>
internal sealed class SimulatedCluster
{
    /// <summary>One in so many seeds runs over the daemon's own log.</summary>
    public const int DiskSeedOneIn = 10;

    private const long FaultyTime = 2_000 * Knobs.Millisecond;
    private const long QuietTime = 1_500 * Knobs.Millisecond;

    private readonly Scheduler _scheduler = new();
    private readonly HashSet<(int Owner, int Node)> _cutToNode = [];
    private readonly HashSet<(int Node, int Owner)> _cutToOwner = [];
    private readonly List<SimulatedOwner> _owners = [];
    private readonly Mutations _mutations;
    private ulong _incarnations;
    private int _slices;
    private int _values;

    public SimulatedCluster(int seed, Mutations mutations = Mutations.None, TextWriter? trace = null)
    {
        Random = new Random(seed);
        _mutations = mutations;
        Rules = MutatedRules.Of(mutations);
        Knobs = new Knobs(Random);
        Trace = new Trace(_scheduler, trace);
        Nodes = new SimulatedNode[Knobs.Nodes];
        for (var id = 0; id < Nodes.Length; id++)
            Nodes[id] = new SimulatedNode(this, id, NewStorage(seed, id));
        Control = new SimulatedControl(new VolumeRecord
        {
            VolumeId = new Guid(seed, 0, 0, new byte[8]),
            Epoch = 0,
            OwnerId = 0,
            OwnerAddress = "",
            ConfigGeneration = 1,
            Members = [.. Nodes.Select(node => new VolumeMember($"{node.Id}", node.Incarnation))],
            LeaseMilliseconds = 60,
        });
    }

    public Random Random { get; }

    public ProtocolRules Rules { get; }

    public Knobs Knobs { get; }

    public Trace Trace { get; }

    public History History { get; } = new();

    public SimulatedNode[] Nodes { get; }

    public SimulatedControl Control { get; }

    /// <summary>No more faults.</summary>
    public bool Quiet { get; private set; }

    /// <summary>No more writes either.</summary>
    public bool Idle => Now > FaultyTime + QuietTime / 3;

    public long Now => _scheduler.Now;

    public int Owners => _owners.Count;

    public int Crashes { get; set; }

    public int Wipes { get; set; }

    public int Damages { get; set; }

    private SimulatedOwner? Latest => _owners.Count == 0 ? null : _owners[^1];

    public bool Has(Mutations mutation) => (_mutations & mutation) != 0;

    /// <summary>The first rule that was broken, or null.</summary>
    public string? Run()
    {
        try
        {
            Play();
        }
        catch (Exception failed) when (failed is ArithmeticException or NullReferenceException or ArgumentException
            or IndexOutOfRangeException or InvalidOperationException)
        {
            History.Fail(failed.ToString());
        }

        return History.Violation is null ? null : $"at {Now / 1e6:F3} ms: {History.Violation}";
    }

    private void Play()
    {
        Format();
        StartOwner();
        Faults();
        Readers();
        Supervise();
        while (History.Violation is null && _scheduler.RunNext(FaultyTime)) { }

        CalmDown();
        while (History.Violation is null && _scheduler.RunNext(FaultyTime + QuietTime)) { }

        // A slow network with one entry per message takes its time.
        var until = FaultyTime + QuietTime;
        while (History.Violation is null && FindUnrecovered() is { } unrecovered)
        {
            until += QuietTime;
            if (until > FaultyTime + 4 * QuietTime) History.Fail($"liveness: {unrecovered} after the quiet time");
            while (History.Violation is null && _scheduler.RunNext(until)) { }
        }
    }

    public void After(long nanoseconds, Action action) => _scheduler.After(nanoseconds, action);

    /// <summary>A failed invariant of the core is a violation like those that the observer sees.</summary>
    public void Guard(Action action)
    {
        try
        {
            action();
        }
        catch (InvariantException failed)
        {
            History.Fail(failed.Message);
        }
        catch (DiskException failed)
        {
            History.Fail(failed.Message);
        }
    }

    public ulong NewIncarnation() => ++_incarnations;

    public int NewSlice() => ++_slices;

    public int NewValue() => ++_values;

    public bool SliceExists(int slice)
    {
        foreach (var node in Nodes)
            if (node.Slices.Contains(slice)) return true;

        return false;
    }

    /// <summary>The protocol survives damage of a minority at a time.</summary>
    public bool MayDamage(SimulatedNode node)
    {
        var damaged = 0;
        foreach (var other in Nodes)
            if (other != node && other.Damaged) damaged++;

        return !Quiet && damaged < (Nodes.Length - 1) / 2;
    }

    public long NetworkDelay() => Random.Next(Knobs.DelayOneIn) == 0
        ? Random.NextInt64(80 * Knobs.Millisecond)
        : Knobs.Millisecond / 2 + Random.NextInt64(4 * Knobs.Millisecond);

    public long FlushTime() => Random.Next(Knobs.SlowFlushOneIn) == 0
        ? Random.NextInt64(60 * Knobs.Millisecond)
        : 300_000 + Random.NextInt64(2 * Knobs.Millisecond);

    public void ToNode(SimulatedOwner owner, int node, NodeRequest request)
    {
        if (!_cutToNode.Contains((owner.Number, node))) Transmit(() => Nodes[node].Deliver(request, owner));
    }

    public void SliceToNode(SimulatedOwner owner, SimulatedNode node, int slice)
    {
        if (!_cutToNode.Contains((owner.Number, node.Id))) Transmit(() => node.WriteSlice(slice, owner));
    }

    public void ToOwner(SimulatedNode node, SimulatedOwner owner, Action delivery)
    {
        if (!_cutToOwner.Contains((node.Id, owner.Number))) Transmit(delivery);
    }

    public void StartOwner()
    {
        var number = _owners.Count + 1;
        var record = Control.TakeEpoch((ulong)number);
        var owner = new SimulatedOwner(this, number, record, ChooseApplied());
        _owners.Add(owner);
        Trace.Note("owner", (ulong)number, record.Epoch, owner.Applied.Index);
        owner.Start();
    }

    private NodeStorage NewStorage(int seed, int id) => _mutations == Mutations.None && seed % DiskSeedOneIn == 0
        ? new DiskStorage(NewIncarnation(), seed + id)
        : new MemoryStorage(NewIncarnation());

    private void Transmit(Action delivery)
    {
        if (!Quiet && Random.Next(Knobs.LossOneIn) == 0) return;

        After(NetworkDelay(), delivery);
        if (Random.Next(Knobs.DuplicateOneIn) == 0) After(NetworkDelay(), delivery);
    }

    // Any gateway takes over: one that followed the journal, one that lagged, or one with empty rows.
    private LogBase ChooseApplied() => _owners.Count == 0 || Random.Next(8) == 0
        ? default
        : _owners[Math.Max(0, _owners.Count - 1 - Random.Next(4))].Applied;

    // The volume is made once all nodes are there: the record has epoch 0 until every copy is admitted fresh.
    private void Format()
    {
        foreach (var node in Nodes)
        {
            node.Start();
            var record = Control.Record;
            node.Core!.Step(
                new AdmitRequest
                {
                    Header = new RequestHeader(record.VolumeId, 0, 0, record.ConfigGeneration, node.Incarnation, 0),
                },
                0);
            node.Core.Flush();
        }
    }

    private void Faults() => After(Random.NextInt64(Knobs.FaultGap), () =>
    {
        if (Quiet) return;

        Fault();
        Faults();
    });

    private void Fault()
    {
        if (Random.Next(13) < 6) NodeFault(Random.Next(6));
        else OwnerFault(Random.Next(7));
    }

    private void NodeFault(int kind)
    {
        switch (kind)
        {
            case 0 or 1:
                if (Nodes.Count(node => !node.Up) < 2) Pick().Crash();
                break;
            case 2:
                Cut(Pick(), toNode: true, toOwner: true);
                break;
            case 3:
                var toNode = Random.Next(2) == 0;
                Cut(Pick(), toNode, !toNode);
                break;
            case 4:
                if (Random.Next(Knobs.FullOneIn) == 0) Fill(Pick());
                break;
            case 5:
                if (Random.Next(Knobs.RotOneIn) == 0) Pick().RotUnnoticed();
                break;
        }
    }

    private void OwnerFault(int kind)
    {
        switch (kind)
        {
            case 0:
                Latest!.Pause(Random.NextInt64(200 * Knobs.Millisecond));
                break;
            case 1:
                if (Random.Next(2) == 0)
                    foreach (var node in Nodes) Cut(node, toNode: true, toOwner: true);
                break;
            case 2 or 3:
                StartOwner();
                break;
            case 4:
                Latest!.Kill();
                After(Random.NextInt64(30 * Knobs.Millisecond), StartOwner);
                break;
            case 5:
                if (Knobs.HandOver) Latest!.HandOver();
                break;
            case 6:
                Latest!.BreakLink(Random.Next(Nodes.Length));
                break;
        }
    }

    private SimulatedNode Pick() => Nodes[Random.Next(Nodes.Length)];

    private void Cut(SimulatedNode node, bool toNode, bool toOwner)
    {
        var owner = Latest!.Number;
        if (toNode) _cutToNode.Add((owner, node.Id));
        if (toOwner) _cutToOwner.Add((node.Id, owner));
        After(Random.NextInt64(Knobs.PartitionLength), () =>
        {
            _cutToNode.Remove((owner, node.Id));
            _cutToOwner.Remove((node.Id, owner));
        });
    }

    private void Fill(SimulatedNode node)
    {
        node.SetFull(true);
        After(Random.NextInt64(Knobs.PartitionLength), () => node.SetFull(false));
    }

    // Any of the last owners is asked: some of them do not know yet that they are no longer.
    private void Readers() => After(Random.NextInt64(4 * Knobs.Millisecond), () =>
    {
        _owners[Math.Max(0, _owners.Count - 1 - Random.Next(3))].Read(History.ObservedIndex);
        Readers();
    });

    private void Supervise() => After(40 * Knobs.Millisecond, () =>
    {
        if (Latest!.Dead) StartOwner();
        Supervise();
    });

    private void CalmDown()
    {
        Quiet = true;
        Trace.Note("quiet");
        _cutToNode.Clear();
        _cutToOwner.Clear();
        foreach (var node in Nodes) node.SetFull(false);
    }

    // With a majority healthy everything goes on by itself, and every node becomes level and complete again.
    private string? FindUnrecovered()
    {
        var owner = Latest!;
        if (owner.Core.Phase != OwnerPhase.Leading) return $"epoch {owner.Core.Epoch} is {owner.Core.Phase}";

        foreach (var node in Nodes)
        {
            if (!node.Up) return $"node {node.Id} is down";
            if (node.Core!.State is not { Limbo: LimboReason.None }) return $"node {node.Id} is in limbo";
            var progress = owner.Core.ProgressOf(node.Id);
            if (owner.Core.CommitIndex > progress.MatchIndex)
                return $"node {node.Id} is at {progress.MatchIndex}, {owner.Core.CommitIndex} are committed";
        }

        return null;
    }
}
