using Gateway.Replication.Disks;
using Gateway.Replication.Journal;
using Gateway.Replication.Quorum;

namespace Gateway.Replication.Tests.Quorum;

public sealed class NodeCoreTests
{
    private static AppendRequest Append(
        QuorumBench bench, ulong epoch, JournalEntry[] entries, ulong previous, ulong previousEpoch,
        ulong commit = 0, ulong start = 0, ulong nonce = 0) => new()
        {
            Header = bench.HeaderOf(epoch, epoch, 0),
            Previous = new EntryId(previous, previousEpoch),
            Entries = entries,
            CommitIndex = commit,
            EpochStartIndex = start,
            EchoNonce = nonce,
        };

    private static JournalEntry[] Run(ulong epoch, int count, JournalEntry? after = null)
    {
        var run = new JournalEntry[count];
        for (var at = 0; at < count; at++)
        {
            run[at] = JournalChain.Follow(
                after?.Index ?? 0, after?.Chain ?? 0, epoch, JournalEntryType.Transaction, new byte[] { (byte)at });
            after = run[at];
        }

        return run;
    }

    // Found by the simulator, seed 5040082: the power went before the flush, the entry was on the disk and the promise
    // was not, and the node served an entry of epoch 3 to the owner of epoch 2.
    [Test]
    public void The_promise_is_durable_before_an_entry_of_its_epoch_can_be()
    {
        using var bench = new QuorumBench(1);
        bench.Ask(0, new NewEpochRequest { Header = bench.HeaderOf(2, 2, 0) });
        bench.Nodes[0].Step(new NewEpochRequest { Header = bench.HeaderOf(3, 3, 0) }, bench.Now);
        bench.Nodes[0].Step(Append(bench, 3, Run(3, 1), 0, 0), bench.Now);
        for (var crash = 0; crash < 20 && bench.Logs[0].LastIndex == 1; crash++)
        {
            bench.Crash(0, seed: crash);
            bench.Restart(0);
            Assert.That(bench.Nodes[0].State!.PromisedEpoch, Is.EqualTo(3));
        }
    }

    [Test]
    public void Refuses_lower_epochs_and_another_owner_of_the_same()
    {
        using var bench = new QuorumBench(1);
        var first = bench.Ask(0, new NewEpochRequest { Header = bench.HeaderOf(5, 5, 0) });
        Assert.That(first, Is.InstanceOf<NewEpochReply>());
        foreach (var (epoch, owner) in new[] { (4UL, 4UL), (5UL, 6UL) })
        {
            var reply = bench.Ask(0, new NewEpochRequest { Header = bench.HeaderOf(epoch, owner, 0) });
            Assert.That(reply.Header.Status, Is.EqualTo(NodeStatus.Fenced));
            Assert.That(reply.Header.PromisedEpoch, Is.EqualTo(5));
        }
    }

    [Test]
    public void Keeps_its_promise_through_a_crash()
    {
        using var bench = new QuorumBench(1);
        bench.Ask(0, new NewEpochRequest { Header = bench.HeaderOf(5, 5, 0) });
        bench.Crash(0);
        bench.Restart(0);
        var reply = bench.Ask(0, Append(bench, 4, [], 0, 0));
        Assert.That(reply.Header.Status, Is.EqualTo(NodeStatus.Fenced));
    }

    [Test]
    public void Appends_are_idempotent_and_cut_only_what_differs()
    {
        using var bench = new QuorumBench(1);
        var old = Run(1, 5);
        Assert.That(((AppendReply)bench.Ask(0, Append(bench, 1, old, 0, 0))).Position.Index, Is.EqualTo(5));
        Assert.That(((AppendReply)bench.Ask(0, Append(bench, 1, old[..2], 0, 0))).Position.Index, Is.EqualTo(2));
        Assert.That(bench.LogOf(0), Is.EqualTo("11111"), "An old message cuts nothing.");

        var next = Run(2, 1, old[2]);
        bench.Ask(0, Append(bench, 2, next, 3, 1, commit: 4));
        Assert.That(bench.LogOf(0), Is.EqualTo("1112"));

        // I4: what is committed is never cut.
        var wrong = bench.Ask(0, Append(bench, 3, Run(3, 1, old[1]), 2, 1));
        Assert.That(wrong.Header.Status, Is.EqualTo(NodeStatus.Refused));
        Assert.That(bench.Nodes[0].Alarms, Is.EqualTo(1));
        Assert.That(bench.LogOf(0), Is.EqualTo("1112"));
    }

    [Test]
    public void A_mismatch_names_the_last_entry_that_may_match()
    {
        using var bench = new QuorumBench(1);
        var first = Run(1, 4);
        bench.Ask(0, Append(bench, 1, first, 0, 0));
        bench.Ask(0, Append(bench, 3, Run(3, 6, first[3]), 4, 1));
        Assert.That(bench.LogOf(0), Is.EqualTo("1111333333"));

        var far = (AppendReply)bench.Ask(0, Append(bench, 5, [], 20, 5));
        Assert.That((far.Matched, far.Position), Is.EqualTo((false, new EntryId(10, 3))));
        var other = (AppendReply)bench.Ask(0, Append(bench, 5, [], 9, 2));
        Assert.That((other.Matched, other.Position), Is.EqualTo((false, new EntryId(4, 1))), "Epoch 3 is passed over.");
    }

    [Test]
    public void Leaves_limbo_only_for_an_owner_that_knows_its_nonce_and_whose_epoch_is_established()
    {
        using var bench = new QuorumBench(1);
        var run = Run(1, 5);
        bench.Ask(0, Append(bench, 1, run, 0, 0, commit: 3, start: 1));
        bench.Crash(0);
        bench.Restart(0, suspect: true);
        var nonce = bench.Nodes[0].State!.Nonce;
        Assert.That(nonce, Is.EqualTo(1));

        LimboReason After(AppendRequest request)
        {
            bench.Ask(0, request);
            return bench.Nodes[0].State!.Limbo;
        }

        var stays = LimboReason.SuspectDisk;
        Assert.That(After(Append(bench, 1, [], 5, 1, commit: 5, start: 1, nonce: 0)), Is.EqualTo(stays), "old nonce");
        Assert.That(After(Append(bench, 1, [], 5, 1, commit: 2, start: 3, nonce)), Is.EqualTo(stays), "early");
        Assert.That(After(Append(bench, 1, [], 4, 1, commit: 5, start: 1, nonce)), Is.EqualTo(stays), "behind");
        Assert.That(After(Append(bench, 1, [], 5, 1, commit: 5, start: 1, nonce)), Is.EqualTo(LimboReason.None));
    }

    [Test]
    public void A_damaged_entry_is_a_gap_until_it_is_repaired()
    {
        using var bench = new QuorumBench(1);
        var run = Run(1, 5);
        bench.Ask(0, Append(bench, 1, run, 0, 0));
        bench.Crash(0, storage => storage.Rot(new Random(2)));
        bench.Restart(0);
        var damaged = bench.Nodes[0].State is { Limbo: LimboReason.DamagedLog } ? bench.Logs[0].Damaged[0].Index : 0;
        Assert.That(damaged, Is.InRange(1UL, 5UL));

        var back = (AppendReply)bench.Ask(0, Append(bench, 1, [], 5, 1));
        Assert.That((back.Matched, back.Position.Index), Is.EqualTo((false, damaged - 1)));

        var before = damaged - 1;
        var fetched = (FetchReply)bench.Ask(0, new FetchRequest
        {
            Header = bench.HeaderOf(1, 1, 0),
            FromIndex = 1,
            ToIndex = 5,
            BytesMax = 100,
        });
        Assert.That((fetched.Entries.Length, fetched.Next), Is.EqualTo(((int)before, EntryPresence.Damaged)));
        Assert.That(fetched.NextId, Is.EqualTo(new EntryId(damaged, 1)));

        bench.Ask(0, Append(bench, 1, run[(int)before..], before, before == 0 ? 0 : 1UL));
        Assert.That(bench.LogOf(0), Is.EqualTo("11111"));
    }

    [Test]
    public void A_copy_of_another_incarnation_is_nobody_until_it_is_admitted_in_limbo()
    {
        using var bench = new QuorumBench(1);
        var known = bench.HeaderOf(3, 3, 0);
        bench.Wipe(0, 99);
        Assert.That(
            bench.Ask(0, new NewEpochRequest { Header = known }).Header,
            Has.Property("Status").EqualTo(NodeStatus.OtherIncarnation).And.Property("Incarnation").EqualTo(99));
        var header = known with { Incarnation = 99 };
        Assert.That(
            bench.Ask(0, new NewEpochRequest { Header = header }).Header.Status, Is.EqualTo(NodeStatus.NotAdmitted));

        bench.Ask(0, new AdmitRequest { Header = header });
        Assert.That(bench.Nodes[0].State, Has.Property("Limbo").EqualTo(LimboReason.Emptied)
            .And.Property("PromisedEpoch").EqualTo(3));
    }

    [Test]
    public void Nothing_is_kept_when_there_is_no_room()
    {
        using var bench = new QuorumBench(1);
        bench.Nodes[0].Space = new DiskSpace(1 << 30, 10);
        var reply = bench.Ask(0, Append(bench, 1, Run(1, 3), 0, 0));
        Assert.That(reply.Header.Status, Is.EqualTo(NodeStatus.Full));
        Assert.That(bench.Logs[0].LastIndex, Is.Zero);
        Assert.That(bench.Ask(0, Append(bench, 1, [], 0, 0)).Header.Status, Is.EqualTo(NodeStatus.Ok));
    }

    [Test]
    public void Standbys_see_committed_entries_only_and_leave_the_promise_alone()
    {
        using var bench = new QuorumBench(1);
        bench.Ask(0, Append(bench, 1, Run(1, 5), 0, 0, commit: 3, start: 1));
        var tail = Tail(bench, 2);
        Assert.That(tail.Entries.Length, Is.EqualTo(2));
        Assert.That(tail.CommitHint, Is.EqualTo(3));
        Assert.That(tail.Next, Is.EqualTo(EntryPresence.Present));
        Assert.That(Tail(bench, 4).Entries.Length, Is.Zero);
        Assert.That(bench.Nodes[0].State!.PromisedEpoch, Is.EqualTo(1));
    }

    [Test]
    public void Standbys_hear_when_which_owner_was_heard_and_that_it_gave_up()
    {
        using var bench = new QuorumBench(1);
        bench.Ask(0, Append(bench, 1, Run(1, 2), 0, 0, commit: 2, start: 1));
        bench.Skip(700);
        var silent = Tail(bench, TailRequest.NoEntries);
        Assert.That(silent.SinceHeartbeatNanoseconds, Is.EqualTo(700_000_000));
        Assert.That((silent.HeartbeatEpoch, silent.ReleasedEpoch), Is.EqualTo((1UL, 0UL)));
        Assert.That(silent.Entries.Length, Is.Zero);

        var waits = Request(bench, 3);
        Assert.That(bench.Nodes[0].HasNews(waits), Is.False);
        Assert.That(bench.Nodes[0].HasNews(Request(bench, 2)), Is.True);
        bench.Ask(0, new ReleaseRequest { Header = bench.HeaderOf(1, 1, 0) });
        Assert.That(bench.Nodes[0].HasNews(waits), Is.True);
        Assert.That(Tail(bench, 3).ReleasedEpoch, Is.EqualTo(1));

        // A new owner that asks for the promise is no heartbeat.
        bench.Ask(0, new NewEpochRequest { Header = bench.HeaderOf(2, 2, 0) });
        var fenced = Tail(bench, 3);
        Assert.That(fenced.HeartbeatEpoch, Is.EqualTo(1));
        Assert.That(fenced.Header.PromisedEpoch, Is.EqualTo(2));
    }

    private static TailRequest Request(QuorumBench bench, ulong from) =>
        new() { Header = bench.HeaderOf(0, 0, 0), FromIndex = from, BytesMax = 1000 };

    private static TailReply Tail(QuorumBench bench, ulong from) => (TailReply)bench.Ask(0, Request(bench, from));
}
