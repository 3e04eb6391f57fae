using Gateway.Replication.Quorum;

namespace Gateway.Replication.Tests.Quorum;

public sealed class MembershipTests
{
    [Test]
    public void A_learner_is_brought_level_and_does_not_count()
    {
        using var bench = new QuorumBench(3, 1);
        var owner = bench.Lead();
        owner.Propose(4);
        bench.Pass();
        owner.AddLearner(3);
        Assert.That(owner.Core.ProgressOf(3).Level, Is.False);
        bench.Advance(500);
        Assert.That(owner.Core.ProgressOf(3).Level, "Admitted, complete, and level.");
        Assert.That(bench.LogOf(3), Is.EqualTo(bench.LogOf(0)));

        bench.Down.UnionWith([1, 2]);
        var before = owner.Core.CommitIndex;
        owner.Propose();
        bench.Pass();
        Assert.That(owner.Core.CommitIndex, Is.EqualTo(before), "One member and a learner are no majority.");
    }

    [Test]
    public void A_learner_that_left_is_unknown_and_its_late_replies_are_ignored()
    {
        using var bench = new QuorumBench(3, 1);
        var owner = bench.Lead();
        owner.AddLearner(3);
        owner.HoldBack = (node, _) => node == 3;
        bench.Advance(100);
        owner.Core.RemoveLearner(3);
        owner.DeliverHeldBack();
        Assert.That(owner.Core.ProgressOf(3).NodeId, Is.Null);
        Assert.That(owner.Core.SlotOf("n3"), Is.Null);

        owner.AddLearner(3);
        Assert.That(owner.Core.SlotOf("n3"), Is.EqualTo(4), "A slot is never used twice.");
        owner.Core.RemoveLearner(0);
        Assert.That(owner.Core.SlotOf("n0"), Is.Zero, "A member is no learner.");
    }

    // {0,1,2} -> {2,3,4}: whatever majority of one is missing, nothing is committed and nothing may be read.
    [TestCase(0, 1)]
    [TestCase(3, 4)]
    public void A_joint_membership_needs_both_majorities(int down, int alsoDown)
    {
        using var bench = new QuorumBench(3, 2);
        var owner = BeginChange(bench);
        bench.Down.UnionWith([down, alsoDown]);
        var before = owner.Core.CommitIndex;
        owner.Propose();
        bench.Advance(QuorumBench.LeaseMilliseconds + 500);
        Assert.That(owner.Core.CommitIndex, Is.EqualTo(before));
        Assert.That(owner.HasLease, Is.False);

        bench.Down.Remove(down);
        bench.Advance(700);
        Assert.That(owner.Core.CommitIndex, Is.EqualTo(owner.Core.LastIndex));
        Assert.That(owner.HasLease);
    }

    [Test]
    public void A_change_ends_only_after_an_entry_under_both_is_committed()
    {
        using var bench = new QuorumBench(3, 2);
        var owner = BeginChange(bench);
        Assert.That(owner.Core.NeedsConfigEntry);
        Assert.That(owner.Core.MayEndChange, Is.False);
        owner.ProposeConfig();
        Assert.That(owner.Core.MayEndChange, Is.False, "Proposed is not committed.");
        Assert.That(() => owner.Adopt(bench.Record.Changed()), Throws.TypeOf<InvariantException>());

        bench.Pass();
        Assert.That(owner.Core.MayEndChange);
        owner.Adopt(bench.Record = bench.Record.Changed());
        Assert.That(owner.Core.Record.Members.Select(member => member.NodeId), Is.EqualTo(new[] { "n2", "n3", "n4" }));
        Assert.That(owner.Core.SlotOf("n0"), Is.Null);

        bench.Down.UnionWith([0, 1, 2]);
        owner.Propose();
        bench.Pass();
        Assert.That(owner.Core.CommitIndex, Is.EqualTo(owner.Core.LastIndex), "The new members alone are enough.");
    }

    [Test]
    public void A_change_can_be_given_up_before_it_ends()
    {
        using var bench = new QuorumBench(3, 2);
        var owner = BeginChange(bench);
        bench.Down.UnionWith([3, 4]);
        owner.Propose();
        bench.Pass();
        owner.Adopt(bench.Record = bench.Record.Unchanged());
        bench.Pass();
        Assert.That(owner.Core.CommitIndex, Is.EqualTo(owner.Core.LastIndex));
        Assert.That(owner.Core.SlotOf("n3"), Is.Null);
    }

    [Test]
    public void A_record_that_is_older_than_the_adopted_one_changes_nothing()
    {
        using var bench = new QuorumBench(3, 2);
        var before = bench.Record;
        var owner = BeginChange(bench);
        owner.Adopt(before with { Epoch = owner.Core.Epoch, OwnerId = owner.Core.Record.OwnerId });
        Assert.That(owner.Core.Record.IsJoint);
    }

    [Test]
    public void A_new_owner_goes_on_with_a_change_that_it_finds()
    {
        using var bench = new QuorumBench(3, 2);
        BeginChange(bench);
        var next = bench.TakeOver();
        bench.Down.UnionWith([3, 4]);
        next.Start();
        bench.Advance(3000);
        Assert.That(next.Core.Phase, Is.EqualTo(OwnerPhase.Recovering), "A majority of the new members is not heard.");

        bench.Down.Clear();
        bench.Advance(5000);
        Assert.That(next.Core.Phase, Is.EqualTo(OwnerPhase.Leading));
        Assert.That(next.Core.NeedsConfigEntry, Is.False);
        Assert.That(next.Core.MayEndChange, "The epoch's first entry was appended under both.");
    }

    // The end of the change is in the record and its answer lost. The old owner reaches the members that left only, the
    // new one those that stay: a lease by one of the two memberships would be a second one.
    [TestCase(true)]
    [TestCase(false)]
    public void Two_owners_hold_no_lease_at_the_same_time(bool leaseByBoth)
    {
        using var bench = new QuorumBench(3, 2);
        var old = BeginChange(bench, new ProtocolRules { LeaseByBoth = leaseByBoth });
        old.ProposeConfig();
        bench.Pass();
        bench.Record = bench.Record.Changed();
        old.Cut.UnionWith([2, 3, 4]);
        var next = bench.TakeOver();
        next.Cut.UnionWith([0, 1]);
        next.Start();
        var both = false;
        for (var step = 0; step < 100; step++)
        {
            bench.Advance(50);
            both |= old.HasLease && next.HasLease;
        }

        Assert.That(next.HasLease);
        Assert.That(both, Is.EqualTo(!leaseByBoth), "Of the wrong rule it must be seen that it is wrong.");
    }

    // The control plane is restored to the middle of a change that has ended since.
    [TestCase(true)]
    [TestCase(false)]
    public void An_owner_with_a_restored_record_misses_nothing(bool recoverByBoth)
    {
        using var bench = new QuorumBench(3, 2);
        var old = BeginChange(bench);
        old.ProposeConfig();
        bench.Pass();
        var restored = bench.Record;
        old.Adopt(bench.Record = bench.Record.Changed());
        old.Propose(3);
        bench.Pass();

        bench.Record = restored;
        var next = bench.TakeOver(rules: new ProtocolRules { RecoverByBoth = recoverByBoth });
        next.HoldBack = (node, _) => node >= 2;
        next.Start();
        bench.Pass();
        Assert.That(next.Core.Phase != OwnerPhase.Recovering, Is.EqualTo(!recoverByBoth));
        if (!recoverByBoth)
        {
            Assert.That(next.Core.LastIndex, Is.LessThanOrEqualTo(old.Core.CommitIndex), "Committed entries are missing.");
            return;
        }

        next.DeliverHeldBack();
        bench.Pass();
        Assert.That(next.Stopped, Is.EqualTo(OwnerStopReason.OldConfiguration), "The new members know better.");
    }

    [Test]
    public void An_emptied_new_member_is_admitted_again_in_the_middle_of_a_change()
    {
        using var bench = new QuorumBench(3, 2);
        var owner = BeginChange(bench);
        bench.Wipe(4, incarnation: 99);
        bench.Record = owner.Core.Record;
        owner.Adopt(bench.Record = bench.Record.WithIncarnation("n4", 99));
        owner.Propose();
        bench.Advance(1000);
        Assert.That(owner.Core.ProgressOf(4).Incarnation, Is.EqualTo(99));
        Assert.That(bench.LogOf(4), Is.EqualTo(bench.LogOf(0)));
        Assert.That(owner.Core.ProgressOf(4).Limbo, Is.EqualTo(LimboReason.None));
    }

    // {0,1,2} -> {2,3,4}, adopted.
    private static BenchOwner BeginChange(QuorumBench bench, ProtocolRules? rules = null)
    {
        var owner = bench.Lead(rules);
        owner.AddLearner(3);
        owner.AddLearner(4);
        bench.Advance(500);
        Assert.That(owner.Core.ProgressOf(4).Level);
        owner.Adopt(bench.Record = bench.Record.ChangingTo([bench.MemberOn(2), bench.MemberOn(3), bench.MemberOn(4)]));
        return owner;
    }
}
