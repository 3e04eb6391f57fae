using Gateway.Replication.Quorum;

namespace Gateway.Replication.Tests.Quorum;

public sealed class RetireTests
{
    [Test]
    public void A_retired_copy_obeys_nobody_even_after_a_restart()
    {
        using var bench = new QuorumBench(1);
        Assert.That(Retire(bench, generation: 2), Is.EqualTo(NodeStatus.Ok));
        bench.Crash(0);
        bench.Restart(0);
        Assert.That(bench.Nodes[0].State!.Retired);
        Assert.That(Status(bench, new NewEpochRequest { Header = Header(bench, 5, 9) }), Is.EqualTo(NodeStatus.Retired));
        Assert.That(Status(bench, new AdmitRequest { Header = Header(bench, 5, 9) }), Is.EqualTo(NodeStatus.Retired));
        Assert.That(Retire(bench, generation: 2), Is.EqualTo(NodeStatus.Ok), "Told again.");
    }

    // Found by the simulator, seed 3249: the node had come back as a learner when the request arrived.
    [Test]
    public void A_copy_that_was_told_of_the_membership_is_part_of_it()
    {
        using var bench = new QuorumBench(1);
        bench.Ask(0, new NewEpochRequest { Header = Header(bench, 1, 2) });
        Assert.That(Retire(bench, generation: 2), Is.EqualTo(NodeStatus.OldConfiguration));
        Assert.That(bench.Nodes[0].State!.Retired, Is.False);
        Assert.That(Retire(bench, generation: 3), Is.EqualTo(NodeStatus.Ok));
    }

    [Test]
    public void A_fenced_owner_retires_nobody()
    {
        using var bench = new QuorumBench(1);
        bench.Ask(0, new NewEpochRequest { Header = Header(bench, 7, 1) });
        Assert.That(Retire(bench, generation: 2), Is.EqualTo(NodeStatus.Fenced));
    }

    [Test]
    public void A_lower_generation_is_refused_even_after_a_restart()
    {
        using var bench = new QuorumBench(1);
        bench.Ask(0, new NewEpochRequest { Header = Header(bench, 1, 5) });
        bench.Crash(0);
        bench.Restart(0);
        Assert.That(
            Status(bench, new NewEpochRequest { Header = Header(bench, 2, 4) }), Is.EqualTo(NodeStatus.OldConfiguration));
        Assert.That(bench.Nodes[0].State!.PromisedEpoch, Is.EqualTo(1), "Refused, it promises nothing.");
    }

    private static RequestHeader Header(QuorumBench bench, ulong epoch, ulong generation) =>
        bench.HeaderOf(epoch, epoch, 0) with { ConfigGeneration = generation };

    private static NodeStatus Retire(QuorumBench bench, ulong generation) =>
        Status(bench, new RetireRequest { Header = Header(bench, 1, generation) });

    private static NodeStatus Status(QuorumBench bench, NodeRequest request) => bench.Ask(0, request).Header.Status;
}
