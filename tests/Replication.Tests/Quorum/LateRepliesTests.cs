using Gateway.Replication.Journal;
using Gateway.Replication.Quorum;

namespace Gateway.Replication.Tests.Quorum;

/// <summary>Replies that come when the owner has moved on.</summary>
public sealed class LateRepliesTests
{
    // Found by the simulator, seed 1106893: the answer to a fetch of recovery came when the source had been given up,
    // and its uncommitted entries were passed on as history to a node that was behind.
    [Test]
    public void What_recovery_fetched_and_gave_up_is_not_passed_on_to_a_node_that_is_behind()
    {
        using var bench = new QuorumBench(5);
        var old = bench.Lead();
        bench.Down.UnionWith([0, 1, 3, 4]);
        old.Propose(20);
        bench.Pass();
        Assert.That(bench.Logs[2].LastIndex, Is.EqualTo(21), "Entries that only node 2 has.");

        // The next owner chooses node 2, does not hear from it, and goes on with three others.
        bench.Logs[0].TryGetPosition(1, out var epoch, out var chain);
        var owner = bench.TakeOver(new LogBase(1, epoch, chain), ringBytesMax: 0);
        owner.HoldBack = (node, reply) => node == 2 && reply is FetchReply;
        bench.Down.Clear();
        bench.Down.Add(4);
        owner.Start();
        bench.Pass();
        bench.Down.Add(2);
        bench.Advance(QuorumBench.LeaseMilliseconds * 4);
        Assert.That(owner.Core.Phase, Is.EqualTo(OwnerPhase.Leading));
        Assert.That(owner.Core.EpochStartIndex, Is.EqualTo(2));

        // Node 2 is cut and brought level; node 4, which has been away, is to catch up from it.
        bench.Down.Remove(2);
        owner.Propose(9);
        bench.Advance(1000);
        Assert.That(owner.Core.ProgressOf(2).MatchIndex, Is.EqualTo(owner.Core.LastIndex));
        bench.Down.Clear();
        bench.Down.UnionWith([0, 1, 3]);
        bench.Advance(1000);
        Assert.That(bench.Logs[4].LastIndex, Is.EqualTo(1));
        owner.DeliverHeldBack();
        bench.Pass();

        bench.Down.Clear();
        owner.Propose();
        bench.Advance(2000);
        Assert.That(owner.Stopped, Is.EqualTo(OwnerStopReason.None));
        Assert.That(bench.LogOf(4), Is.EqualTo(bench.LogOf(2)));
        Assert.That(owner.Core.ProgressOf(4).MatchIndex, Is.EqualTo(owner.Core.LastIndex));
    }

    [Test]
    public void The_same_index_of_another_history_is_no_match()
    {
        using var bench = new QuorumBench(3);
        bench.Lead();
        var owner = bench.Lead();
        bench.Down.UnionWith([1, 2]);
        owner.Propose(5);
        bench.Pass();
        var committed = owner.Core.CommitIndex;

        var last = owner.Core.LastIndex;
        var echo = (AppendReply)bench.Ask(1, new AppendRequest
        {
            Header = bench.HeaderOf(bench.Record.Epoch, bench.Record.OwnerId, 1),
            Previous = default,
            Entries = default,
            CommitIndex = 0,
            EpochStartIndex = owner.Core.EpochStartIndex,
            EchoNonce = 0,
        });
        owner.Receive(1, new AppendReply
        {
            Header = echo.Header,
            Matched = true,
            Position = new EntryId(last, bench.Record.Epoch - 1),
        });

        Assert.That(owner.Core.ProgressOf(1).MatchIndex, Is.LessThan(last));
        Assert.That(owner.Core.CommitIndex, Is.EqualTo(committed));
    }

    // Found by the simulator, seed 1007921: the promise was answered in the batch in which an append of the old owner
    // ended the limbo, and the new owner waited for ever for a node that was complete.
    [Test]
    public void A_node_that_leaves_limbo_after_its_promise_is_heard_again()
    {
        using var bench = new QuorumBench(3);
        var old = bench.Lead();
        old.Propose(5);
        bench.Advance(500);
        bench.Crash(1, storage => storage.Rot(new Random(2)));
        bench.Restart(1);
        Assert.That(bench.Nodes[1].State!.Limbo, Is.EqualTo(LimboReason.DamagedLog));

        var next = bench.TakeOver();
        var said = bench.AskTogether(
            1,
            new AppendRequest
            {
                Header = bench.HeaderOf(1, 1, 1),
                Previous = default,
                Entries = Enumerable.Range(1, 6).Select(index => bench.Logs[0].Read((ulong)index).Entry!).ToArray(),
                CommitIndex = 6,
                EpochStartIndex = 1,
                EchoNonce = bench.Nodes[1].State!.Nonce,
            },
            new NewEpochRequest { Header = bench.HeaderOf(2, 2, 1) });
        Assert.That(said[1].Header.Limbo, Is.EqualTo(LimboReason.DamagedLog));
        Assert.That(bench.Nodes[1].State!.Limbo, Is.EqualTo(LimboReason.None));

        bench.Down.UnionWith([1, 2]);
        next.Start();
        bench.Pass();
        next.Receive(1, said[1]);
        Assert.That(next.Core.Phase, Is.EqualTo(OwnerPhase.Recovering), "One of the two that answered was in limbo.");

        bench.Down.Remove(1);
        bench.Advance(QuorumBench.LeaseMilliseconds * 4);
        Assert.That(next.Core.Phase, Is.EqualTo(OwnerPhase.Leading));
        Assert.That(bench.LogOf(1), Is.EqualTo(bench.LogOf(0)));
    }
}
