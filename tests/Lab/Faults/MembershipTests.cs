namespace Gateway.Lab.Faults;

/// <summary>Nodes that join, are replaced and leave, as real processes under clients that must not notice.</summary>
[TestFixture, Category("Faults")]
public sealed class MembershipTests
{
    private static readonly TimeSpan StepMax = TimeSpan.FromMinutes(3);

    [Test]
    public async Task TwoNodesJoinOneIsReplacedAndOneLeavesUnderAKernelClient()
    {
        using var directory = new LabDirectory();
        using var network = new LabNetwork();
        using var cluster = new LabCluster(network, directory);
        await cluster.StartAsync();
        using var guest = await GuestKernel.BootAsync(network, directory, "load.sh");
        var working = await guest.MarkedAsync("working", StepMax);

        await cluster.JoinAsync(3, "add");
        await cluster.MembersAsync(StepMax, 0, 1, 2, 3);
        await cluster.JoinAsync(4, "add");
        await cluster.MembersAsync(StepMax, 0, 1, 2, 3, 4);
        await cluster.KillNodeAsync(1);
        await cluster.JoinAsync(5, "replace", LabCluster.IdOf(1));
        await cluster.MembersAsync(StepMax, 0, 2, 3, 4, 5);
        await cluster.ChangeNodesAsync("remove", LabCluster.IdOf(0));
        await cluster.MembersAsync(StepMax, 2, 3, 4, 5);

        guest.Go("stop");
        var report = await guest.ReportAsync(StepMax);
        foreach (var line in report.Measured)
            TestContext.Progress.WriteLine(line);

        Assert.That(working, report.Output);
        report.AssertPassed("load");
        await cluster.LevelAsync(StepMax);
        var (clean, verified) = await cluster.Nasgate.VerifyAsync();
        Assert.That(clean, verified.ToString());
        Assert.That(VolumesOf(cluster, 0), Is.Empty, "Who left has deleted its copy.");
    }

    [Test]
    public async Task TheGatewayDiesInTheMiddleAndTheNextOneGoesOn([Values(1, 2)] int seed)
    {
        using var directory = new LabDirectory();
        using var network = new LabNetwork();
        using var cluster = new LabCluster(network, directory);
        await cluster.StartAsync();
        using var load = new AcknowledgedLoad(network, seed);
        load.Start();
        await Task.Delay(TimeSpan.FromSeconds(2));

        // At a rate that leaves enough to do for the gateway after this one.
        await cluster.JoinAsync(3, "replace", "--rate", "1", LabCluster.IdOf(2));
        await Task.Delay(TimeSpan.FromMilliseconds(400 * seed));
        await cluster.KillGatewayAsync();
        load.Join();
        await cluster.StartGatewayAsync();
        await cluster.MembersAsync(StepMax, 0, 1, 3);
        await cluster.LevelAsync(StepMax);
        var missing = load.Check();
        var (clean, verified) = await cluster.Nasgate.VerifyAsync();

        TestContext.Progress.WriteLine($"measured: {load.Acknowledged} operations were acknowledged before the kill");
        Assert.That(load.Errors, Is.Empty);
        Assert.That(load.Acknowledged, Is.GreaterThan(50));
        Assert.That(missing, Is.Empty);
        Assert.That(clean, verified.ToString());
    }

    private static string[] VolumesOf(LabCluster cluster, int node) =>
        Directory.GetDirectories(Path.Combine(cluster.DataOf(node), "volumes"));
}
