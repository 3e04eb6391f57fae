using Gateway.Replication.Quorum;
using Gateway.Replication.Standby;

namespace Gateway.Replication.Tests.Standby;

public sealed class TakeoverRuleTests
{
    private const double Lot = 0.5;
    private static readonly TimeSpan Heard = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan Silent = TimeSpan.FromMilliseconds(1500);

    [Test]
    public void An_owner_that_a_majority_hears_is_left_alone_whatever_the_control_plane_says()
    {
        var view = View(Account("n0", Heard), Account("n1", Heard), Account("n2", Silent));
        Assert.That(TakeoverRule.CauseOf(view), Is.EqualTo(TakeoverCause.None));
    }

    [Test]
    public void Silence_counts_when_a_majority_of_the_members_tells_of_it_now()
    {
        var two = View(Account("n0", Silent), Account("n1", Silent), Account("n2", Heard));
        Assert.That(TakeoverRule.CauseOf(two), Is.EqualTo(TakeoverCause.Silent));
        Assert.That(TakeoverRule.CauseOf(View(Account("n0", Silent))), Is.EqualTo(TakeoverCause.None), "One alone.");
        Assert.That(
            TakeoverRule.CauseOf(View(Account("n0", Silent), Account("else", Silent))), Is.EqualTo(TakeoverCause.None),
            "Not a member.");
        var old = View(Account("n0", Silent), Account("n1", Silent, ageMilliseconds: 701));
        Assert.That(TakeoverRule.CauseOf(old), Is.EqualTo(TakeoverCause.None), "An old answer.");
        var almost = View(Account("n0", Silent), Account("n1", TimeSpan.FromMilliseconds(1499)));
        Assert.That(TakeoverRule.CauseOf(almost), Is.EqualTo(TakeoverCause.None));
    }

    [Test]
    public void While_the_membership_changes_a_majority_of_both_tells_of_silence()
    {
        var joint = Record(epoch: 5) with
        {
            NewMembers = [new VolumeMember("n2", 3), new VolumeMember("n3", 4), new VolumeMember("n4", 5)],
        };
        var old = View(Account("n0", Silent), Account("n1", Silent), Account("n2", Silent)) with { Record = joint };
        Assert.That(TakeoverRule.CauseOf(old), Is.EqualTo(TakeoverCause.None));
        var both = old with { Accounts = [.. old.Accounts, Account("n4", Silent)] };
        Assert.That(TakeoverRule.CauseOf(both), Is.EqualTo(TakeoverCause.Silent));
    }

    [Test]
    public void A_volume_without_an_owner_so_far_is_taken()
    {
        var view = View() with { Record = Record(epoch: 0) };
        Assert.That(TakeoverRule.CauseOf(view), Is.EqualTo(TakeoverCause.FirstOwner));
        Assert.That(TakeoverRule.IsRivalAtWork(view, Lot), Is.False, "No epoch was taken, so nobody is at work.");
    }

    [Test]
    public void One_node_that_was_told_of_the_release_is_enough_if_it_is_of_the_latest_epoch()
    {
        var released = View(Account("n0", Heard, released: 5), Account("n1", Heard));
        Assert.That(TakeoverRule.CauseOf(released), Is.EqualTo(TakeoverCause.Released));
        var heard = View(Account("n0", Heard, released: 5), Account("n1", Heard, heartbeat: 6));
        Assert.That(TakeoverRule.CauseOf(heard), Is.EqualTo(TakeoverCause.None), "The next owner was heard.");
        var taken = released with { Record = Record(epoch: 6) };
        Assert.That(TakeoverRule.CauseOf(taken), Is.EqualTo(TakeoverCause.None), "The next owner is at work.");
    }

    [Test]
    public void The_wanted_one_goes_first_then_those_that_are_level_and_everybody_agrees()
    {
        StandbyPresence[] standbys = [new("a", true), new("b", false), new("c", true), new("d", true)];
        var order = OrderOf("b", standbys, TakeoverCause.Silent);
        Assert.That(order[0].Gateway, Is.EqualTo("b"));
        Assert.That(order[0].Patience, Is.EqualTo(TimeSpan.Zero));
        Assert.That(order.Select(one => one.Patience), Is.Unique.And.Ordered);
        Assert.That(OrderOf(null, standbys, TakeoverCause.Silent)[^1].Gateway, Is.EqualTo("b"), "It is behind.");
    }

    [Test]
    public void New_volumes_go_to_who_serves_the_fewest()
    {
        StandbyPresence[] standbys = [new("a", false), new("b", false)];
        var view = View() with
        {
            Record = Record(epoch: 0),
            Standbys = standbys,
            VolumesOwned = new Dictionary<string, int> { ["a"] = 1 },
        };
        Assert.That(PatienceOf(view, "b", TakeoverCause.FirstOwner), Is.EqualTo(TimeSpan.Zero));
        Assert.That(PatienceOf(view, "a", TakeoverCause.FirstOwner), Is.GreaterThan(TimeSpan.FromSeconds(2)));
    }

    [Test]
    public void A_volume_handed_to_a_gateway_that_is_there_waits_for_it()
    {
        StandbyPresence[] standbys = [new("a", true), new("b", true)];
        var order = OrderOf("b", standbys, TakeoverCause.Released);
        Assert.That(order[0].Patience, Is.EqualTo(TimeSpan.Zero));
        Assert.That(order[1].Patience, Is.GreaterThanOrEqualTo(TakeoverRule.HandOverPatience));
        var gone = OrderOf("c", standbys, TakeoverCause.Released);
        Assert.That(gone[0].Patience, Is.EqualTo(TimeSpan.Zero), "The wanted one is not there.");
    }

    [Test]
    public void A_rival_that_no_node_has_heard_yet_gets_its_time()
    {
        var view = View(Account("n0", Silent), Account("n1", Silent)) with { Record = Record(epoch: 6) };
        Assert.That(TakeoverRule.IsRivalAtWork(view with { EpochAge = TimeSpan.FromMilliseconds(2400) }, Lot), Is.True);
        Assert.That(TakeoverRule.IsRivalAtWork(view with { EpochAge = TimeSpan.FromMilliseconds(2500) }, Lot), Is.False);

        // The answers of two nodes are older than the third's, and tell of the silence before the rival.
        var begun = View(Account("n0", Silent), Account("n1", Silent), Account("n2", Heard, heartbeat: 6)) with
        {
            Record = Record(epoch: 6),
        };
        Assert.That(TakeoverRule.CauseOf(begun), Is.EqualTo(TakeoverCause.Silent));
        Assert.That(TakeoverRule.IsRivalAtWork(begun, Lot), Is.True);
        var heard = begun with { Accounts = [.. begun.Accounts, Account("n1", Heard, heartbeat: 6)] };
        Assert.That(TakeoverRule.IsRivalAtWork(heard, Lot), Is.False);
    }

    private static (string Gateway, TimeSpan Patience)[] OrderOf(
        string? placement, StandbyPresence[] standbys, TakeoverCause cause)
    {
        var view = View() with { Standbys = standbys, Placement = placement };
        return [.. standbys.Select(standby => (standby.Gateway, PatienceOf(view, standby.Gateway, cause)))
            .OrderBy(one => one.Item2)];
    }

    private static TimeSpan PatienceOf(TakeoverView view, string gateway, TakeoverCause cause) =>
        TakeoverRule.PatienceOf(view with { Gateway = gateway }, cause, Lot);

    private static TakeoverView View(params (TimeSpan Age, NodeAccount Account)[] accounts) => new()
    {
        Gateway = "a",
        Volume = "files",
        Record = Record(epoch: 5),
        EpochAge = TimeSpan.Zero,
        Accounts = accounts,
    };

    private static VolumeRecord Record(ulong epoch) => new()
    {
        VolumeId = default,
        Epoch = epoch,
        OwnerId = 1,
        OwnerAddress = "",
        ConfigGeneration = 1,
        Members = [new VolumeMember("n0", 1), new VolumeMember("n1", 2), new VolumeMember("n2", 3)],
        LeaseMilliseconds = 2000,
    };

    private static (TimeSpan Age, NodeAccount Account) Account(
        string node, TimeSpan since, ulong heartbeat = 5, ulong released = 0, int ageMilliseconds = 0) => (
            TimeSpan.FromMilliseconds(ageMilliseconds),
            new NodeAccount
            {
                Node = node,
                ReceivedAt = 0,
                SinceHeartbeat = since,
                HeartbeatEpoch = heartbeat,
                ReleasedEpoch = released,
                PromisedEpoch = heartbeat,
                CommitHint = 0,
                Base = default,
            });
}
