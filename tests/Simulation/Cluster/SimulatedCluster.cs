using System.Globalization;
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
        Nodes = new SimulatedNode[Knobs.Members + Knobs.Spares];
        for (var id = 0; id < Nodes.Length; id++)
        {
            var witness = id < Knobs.Members && id >= Knobs.Members - Knobs.Witnesses;
            Nodes[id] = new SimulatedNode(this, id, NewStorage(seed, id)) { Witness = witness };
        }

        Standby = new SimulatedStandby(this, seed);
        Control = new SimulatedControl(this, new VolumeRecord
        {
            VolumeId = new Guid(seed, 0, 0, new byte[8]),
            Epoch = 0,
            OwnerId = 0,
            OwnerAddress = "",
            ConfigGeneration = 1,
            Members = [.. Nodes[..Knobs.Members].Select(MemberOn)],
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

    public SimulatedStandby Standby { get; }

    /// <summary>No more faults.</summary>
    public bool Quiet { get; private set; }

    /// <summary>No more writes either.</summary>
    public bool Idle => Now > FaultyTime + QuietTime / 3;

    public long Now => _scheduler.Now;

    public int Owners => _owners.Count;

    public int Crashes { get; set; }

    public int Wipes { get; set; }

    public int Damages { get; set; }

    public int Changes { get; set; }

    public int Restores { get; set; }

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
        Standby.Start();
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

    /// <summary>A slice of a committed entry must be somewhere; at the end of a change, on the new members.</summary>
    public void CheckSlices(VolumeRecord? changed = null)
    {
        foreach (var slice in History.Slices)
        {
            var exists = changed is null
                ? SliceExists(slice)
                : changed.Members.Any(member => NodeOf(member).Slices.Contains(slice));
            if (!exists) History.Fail($"I7: slice {slice} of a committed entry is lost");
        }
    }

    public SimulatedNode NodeOf(VolumeMember member) => NodeOf(member.NodeId);

    public SimulatedNode NodeOf(string id) => Nodes[int.Parse(id, CultureInfo.InvariantCulture)];

    /// <summary>
    /// The protocol survives damage of a minority at a time: of each membership that may be in force.
    /// </summary>
    public bool MayDamage(SimulatedNode node) => !Quiet
        && IsWithinDamage(Control.Record, node) && IsWithinDamage(Control.Established, node)
        && (Latest is null || IsWithinDamage(Latest.Core.Record, node));

    /// <summary>No membership of the record has more damaged members than it survives.</summary>
    /// <param name="also">A node that counts as damaged too.</param>
    public bool IsWithinDamage(VolumeRecord record, SimulatedNode? also = null) =>
        IsWithinDamage(record.Members, also) && (record.NewMembers is null || IsWithinDamage(record.NewMembers, also));

    public long NetworkDelay() => Random.Next(Knobs.DelayOneIn) == 0
        ? Random.NextInt64(80 * Knobs.Millisecond)
        : Knobs.Millisecond / 2 + Random.NextInt64(4 * Knobs.Millisecond);

    public long FlushTime() => Random.Next(Knobs.SlowFlushOneIn) == 0
        ? Random.NextInt64(60 * Knobs.Millisecond)
        : 300_000 + Random.NextInt64(2 * Knobs.Millisecond);

    public void ToNode(SimulatedOwner owner, SimulatedNode node, int slot, NodeRequest request)
    {
        if (!_cutToNode.Contains((owner.Number, node.Id))) Transmit(() => node.Deliver(request, owner, slot));
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
        if (Control.TakeEpoch((ulong)number, Latest?.Core.HighestPromise ?? 0) is not { } record)
        {
            // Nobody answered: who else wants the volume tries again.
            After(Random.NextInt64(60 * Knobs.Millisecond), () =>
            {
                if (Latest is null || Latest.Dead) StartOwner();
            });
            return;
        }

        var owner = new SimulatedOwner(this, number, record, ChooseApplied());
        _owners.Add(owner);
        Trace.Note("owner", (ulong)number, record.Epoch, owner.Applied.Index);
        owner.Start();
    }

    /// <summary>A person sees that the control plane is older than the nodes, and puts it right.</summary>
    public void Repair()
    {
        Control.Repair();
        StartOwner();
    }

    private bool IsWithinDamage(IReadOnlyList<VolumeMember> members, SimulatedNode? also)
    {
        var damaged = 0;
        foreach (var member in members)
        {
            var node = NodeOf(member);
            if (node.Damaged || node == also) damaged++;
        }

        return damaged <= (members.Count - 1) / 2;
    }

    private VolumeMember MemberOn(SimulatedNode node) =>
        new($"{node.Id}", node.Incarnation) { Witness = node.Witness };

    /// <summary>
    /// Another membership: some leave, others join, one or two at a time, from one member to five. Null when the dice
    /// show none that is sound.
    /// </summary>
    public VolumeMember[]? ChooseMembers()
    {
        var members = Control.Record.Members.Select(NodeOf).ToList();
        var others = Nodes.Except(members).Where(node => node.Up).ToList();
        var before = members.Count;
        for (var leaves = Random.Next(3); leaves > 0 && members.Count > 0; leaves--)
            members.RemoveAt(Random.Next(members.Count));

        var left = members.Count < before;
        var kept = members.Count;
        for (var joins = Random.Next(3); (joins > 0 || members.Count == 0) && others.Count > 0; joins--)
        {
            var at = Random.Next(others.Count);
            members.Add(others[at]);
            others.RemoveAt(at);
        }

        var joined = members.Count > kept;
        var sound = members.Count is > 0 and <= 5
            && QuorumRule.HasEnoughData(members.Count, members.Count(node => !node.Witness));
        return sound && (joined || left) ? [.. members.Select(MemberOn)] : null;
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
    private LogBase ChooseApplied()
    {
        var chosen = _owners.Count == 0 || Random.Next(8) == 0
            ? default
            : _owners[Math.Max(0, _owners.Count - 1 - Random.Next(4))].Applied;
        return Standby.IsChosen() ? Standby.Applied : chosen;
    }

    // The volume is made once all nodes are there: the record has epoch 0 until every copy is admitted fresh.
    private void Format()
    {
        foreach (var node in Nodes) node.Start();
        foreach (var node in Nodes[..Knobs.Members])
        {
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
        var kind = Random.Next(Knobs.Restores ? 15 : 14);
        if (kind < 6) NodeFault(kind);
        else if (kind < 13) OwnerFault(kind - 6);
        else if (kind == 13) Control.GoDown(Random.NextInt64(Knobs.PartitionLength));
        else if (Random.Next(3) == 0) Restore();
    }

    private void Restore()
    {
        Control.Restore();
        After(Random.NextInt64(400 * Knobs.Millisecond), () =>
        {
            if (!Quiet && Latest!.Core.Phase != OwnerPhase.Leading) Repair();
        });
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
                Latest!.BreakLink(Random.Next(Nodes.Length + 1));
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
        Control.ComeBack();
        var known = Latest!.Core;
        if (Knobs.Restores && (known.Phase != OwnerPhase.Leading || Control.Record.Epoch != known.Epoch
            || Control.Record.ConfigGeneration < known.Record.ConfigGeneration))
        {
            Repair();
        }
    }

    // With a majority healthy everything goes on by itself, and every node becomes level and complete again.
    private string? FindUnrecovered()
    {
        var owner = Latest!;
        if (owner.Core.Phase != OwnerPhase.Leading) return $"epoch {owner.Core.Epoch} is {owner.Core.Phase}";

        if (Control.Record.IsJoint) return "the change of membership is not finished";

        foreach (var node in Control.Record.Members.Select(NodeOf))
        {
            if (!node.Up) return $"node {node.Id} is down";
            if (node.Core!.State is not { Limbo: LimboReason.None }) return $"node {node.Id} is in limbo";
            var progress = owner.Core.ProgressOf(owner.Core.SlotOf($"{node.Id}") ?? -1);
            if (owner.Core.CommitIndex > progress.MatchIndex)
                return $"node {node.Id} is at {progress.MatchIndex}, {owner.Core.CommitIndex} are committed";
        }

        if (Standby.Applied.Index < owner.Core.CommitIndex)
            return $"the standby is at {Standby.Applied.Index}, {owner.Core.CommitIndex} are committed";

        return null;
    }
}
