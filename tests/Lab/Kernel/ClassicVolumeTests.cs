namespace Gateway.Lab.Kernel;

/// <summary>What a person tries first on a replicated volume.</summary>
[TestFixture, Category("Lab")]
public sealed class ClassicVolumeTests
{
    private static readonly TimeSpan StepMax = TimeSpan.FromMinutes(3);

    private GuestReport _report = null!;
    private (bool Clean, string Text) _verifiedBefore;
    private (bool Clean, string Text) _verifiedAfter;

    [OneTimeSetUp]
    public async Task StopAndStartANode()
    {
        using var directory = new LabDirectory();
        using var network = new LabNetwork();
        using var cluster = new LabCluster(network, directory);
        await cluster.StartAsync("--portmap");
        using var guest = await GuestKernel.BootAsync(network, directory, "classic.sh");
        if (await guest.MarkedAsync("written", StepMax))
            _verifiedBefore = await VerifyAsync(cluster);

        await cluster.StopNodeAsync(1);
        guest.Go("stopped");
        await guest.MarkedAsync("went-on", StepMax);
        await cluster.StartNodeAsync(1);
        await cluster.LevelAsync(TimeSpan.FromMinutes(2));
        _verifiedAfter = await VerifyAsync(cluster);
        guest.Go("started");
        _report = await guest.ReportAsync(StepMax);
        foreach (var line in _report.Measured)
            TestContext.Progress.WriteLine(line);
    }

    [TestCase("write")]
    [TestCase("goes-on")]
    [TestCase("after-heal")]
    [TestCase("dd")]
    public void Check(string name) => _report.AssertPassed(name);

    [Test]
    public void EveryNodeHasTheSameContent() => Assert.That(_verifiedBefore.Clean, _verifiedBefore.Text);

    [Test]
    public void ANodeThatComesBackIsHealedWithoutBeingAsked() => Assert.That(_verifiedAfter.Clean, _verifiedAfter.Text);

    private static async Task<(bool Clean, string Text)> VerifyAsync(LabCluster cluster)
    {
        var (clean, report) = await cluster.Nasgate.VerifyAsync();
        return (clean, report.ToString());
    }
}
