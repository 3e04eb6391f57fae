namespace Gateway.Lab.Faults;

/// <summary>SIGKILL of real processes under a kernel client that must not notice.</summary>
[TestFixture, Category("Faults")]
public sealed class KillTests
{
    private static readonly TimeSpan StepMax = TimeSpan.FromMinutes(3);

    [Test]
    public async Task ACopyOverAHardMountOutlivesTheGateway()
    {
        using var directory = new LabDirectory();
        using var network = new LabNetwork();
        using var cluster = new LabCluster(network, directory);
        await cluster.StartAsync();
        using var guest = await GuestKernel.BootAsync(network, directory, "copy.sh");
        var copying = await guest.MarkedAsync("copying", StepMax);
        await cluster.KillGatewayAsync();
        var early = await guest.MarkedAsync("copied", TimeSpan.Zero);
        await cluster.StartGatewayAsync();
        var report = await guest.ReportAsync(StepMax);

        Assert.That(copying, report.Output);
        Assert.That(early, Is.False, "the copy was over before the gateway was killed");
        report.AssertPassed("copy");
        report.AssertPassed("content");
    }

    [Test]
    public async Task NodesDieInTurnUnderLoadAndTheClientSeesNoError()
    {
        using var directory = new LabDirectory();
        using var network = new LabNetwork();
        using var cluster = new LabCluster(network, directory);
        await cluster.StartAsync();
        using var guest = await GuestKernel.BootAsync(network, directory, "load.sh");
        var working = await guest.MarkedAsync("working", StepMax);
        for (var node = 0; node < LabCluster.NodeCount; node++)
        {
            await Task.Delay(TimeSpan.FromSeconds(2));
            await cluster.KillNodeAsync(node);
            await Task.Delay(TimeSpan.FromSeconds(3));
            await cluster.StartNodeAsync(node);
            await cluster.LevelAsync(StepMax);
        }

        guest.Go("stop");
        var report = await guest.ReportAsync(StepMax);
        foreach (var line in report.Measured)
            TestContext.Progress.WriteLine(line);

        Assert.That(working, report.Output);
        report.AssertPassed("load");
        var (clean, verified) = await cluster.Nasgate.VerifyAsync();
        Assert.That(clean, verified.ToString());
    }

    [Test]
    public async Task EverythingAcknowledgedIsThereAfterEverythingIsKilled([Values(1, 2, 3)] int seed)
    {
        using var directory = new LabDirectory();
        using var network = new LabNetwork();
        using var cluster = new LabCluster(network, directory);
        await cluster.StartAsync();
        using var load = new AcknowledgedLoad(network, seed);
        load.Start();
        await Task.Delay(TimeSpan.FromMilliseconds(2500 + (700 * seed)));
        await cluster.KillEverythingAsync();
        load.Join();
        await cluster.StartAsync();
        var missing = load.Check();

        TestContext.Progress.WriteLine($"measured: {load.Acknowledged} operations were acknowledged before the kill");
        Assert.That(load.Errors, Is.Empty);
        Assert.That(load.Acknowledged, Is.GreaterThan(50));
        Assert.That(missing, Is.Empty);
    }
}
