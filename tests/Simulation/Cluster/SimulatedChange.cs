using Gateway.Replication.Journal;
using Gateway.Replication.Quorum;

namespace Gateway.Simulation.Cluster;

/// <summary>How an owner changes the membership (PROTOCOL §2.7), and goes on with a change that another began.</summary>
internal sealed class SimulatedChange(SimulatedCluster cluster, SimulatedOwner owner)
{
    private const long AnswerTimeout = 60 * Knobs.Millisecond;
    private const long ReadEvery = 300 * Knobs.Millisecond;
    private const long LearningTimeout = 250 * Knobs.Millisecond;
    private const int ChangeOneIn = 6;

    private readonly HashSet<int> _copying = [];
    private VolumeMember[]? _target;
    private long _givenUpAt;
    private long _askedAt;
    private int _asked;
    private int _answered;
    private bool _cancels;

    private OwnerCore Core => owner.Core;

    public void Step()
    {
        if (Core.Phase != OwnerPhase.Leading) return;
        if (_answered < _asked && cluster.Now - _askedAt < AnswerTimeout) return;

        // Whether it happened must be read before anything else is done; and again now and then, because a question that
        // was given up may still be on its way.
        if (_answered < _asked || cluster.Now - _askedAt > ReadEvery) Ask(_ => null);
        else if (Core.Record.IsJoint) Finish();
        else if (_target is not null) BringLevel(_target);
        else if (!cluster.Quiet && cluster.Knobs.Changes && cluster.Random.Next(ChangeOneIn) == 0) Begin();
    }

    // What is wanted is forgotten when the owner ends before it is in the record.
    private void Begin()
    {
        if (cluster.ChooseMembers() is not { } target) return;

        _target = target;
        _givenUpAt = cluster.Now + LearningTimeout;
        _cancels = cluster.Random.Next(8) == 0;
        cluster.Trace.Note("change", (ulong)target.Length);
    }

    /// <summary>Asks for a change of the record as this owner knows it; adopts what is there.</summary>
    public void Ask(Func<VolumeRecord, VolumeRecord?> change)
    {
        _askedAt = cluster.Now;
        var number = ++_asked;
        var known = Core.Record;
        cluster.Control.Ask(
            found => found.Epoch == known.Epoch && found.OwnerId == known.OwnerId
                && found.ConfigGeneration == known.ConfigGeneration ? change(found) : null,
            found => owner.Adopt(found, number));
    }

    /// <summary>False for an answer to an earlier question: what it found may have changed since.</summary>
    public bool Answers(int number)
    {
        if (number != _asked) return false;

        _answered = number;
        return true;
    }

    private void BringLevel(VolumeMember[] target)
    {
        // A learner may be a node that never comes back; in the quiet time nothing new is begun.
        if (cluster.Quiet || cluster.Now > _givenUpAt)
        {
            GiveUp(target);
            return;
        }

        var members = new List<VolumeMember>();
        var level = true;
        foreach (var member in target)
        {
            if (owner.AddLearner(member) is not { } slot) return;

            var progress = Core.ProgressOf(slot);
            members.Add(member with { Incarnation = progress.Incarnation });
            level &= progress.Counts || progress.Level;
        }

        if (!level) return;

        if (cluster.Has(Mutations.NoJoint))
            Ask(record => record with { Members = members, ConfigGeneration = record.ConfigGeneration + 1 });
        else Ask(record => record.ChangingTo(members));
        _target = null;
    }

    private void GiveUp(VolumeMember[] target)
    {
        foreach (var member in target)
            if (Core.SlotOf(member.NodeId) is { } slot) Core.RemoveLearner(slot);

        _target = null;
    }

    private void Finish()
    {
        if (_cancels && cluster.Random.Next(4) == 0)
        {
            Ask(record => record.Unchanged());
            return;
        }

        if (Core.NeedsConfigEntry)
        {
            owner.Propose(JournalEntryType.Config, 0);
            if (!cluster.Has(Mutations.EndBeforeConfigEntry)) return;
        }

        Evacuate();
        if (!Core.MayEndChange && !cluster.Has(Mutations.EndBeforeConfigEntry)) return;
        if (IsEvacuated() || cluster.Has(Mutations.EndBeforeEvacuation)) Ask(record => record.Changed());
    }

    // Heal brings every live slice to the new members, each at its own pace.
    private void Evacuate()
    {
        foreach (var member in Core.Record.NewMembers!)
        {
            var node = cluster.NodeOf(member);
            if (member.Witness || !_copying.Add(node.Id)) continue;

            cluster.After(cluster.Random.NextInt64(60 * Knobs.Millisecond), () =>
            {
                _copying.Remove(node.Id);
                if (node.Up) node.CopySlices(Core.Record);
            });
        }
    }

    private bool IsEvacuated()
    {
        var placement = new SlicePlacement(Core.Record);
        return cluster.History.Slices.All(slice => placement.IsOnNewMembers(
            node => cluster.NodeOf(node).Slices.Contains(slice)));
    }
}
