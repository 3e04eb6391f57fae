namespace Gateway.Lab.Faults;

/// <summary>Volumes made, moved and drilled by the command line, between two gateways on three nodes and etcd.</summary>
[TestFixture, Category("Faults")]
public sealed class VolumeMoveTests
{
    private static readonly TimeSpan StepMax = TimeSpan.FromMinutes(1);

    private LabGateways _gateways = null!;

    private static string Servers { get; } =
        $"{LabNetwork.HostAddress}:{LabGateways.PortOf(0)},{LabNetwork.HostAddress}:{LabGateways.PortOf(1)}";

    [SetUp]
    public async Task SetUp()
    {
        _gateways = new LabGateways();
        await _gateways.StartAsync();
        await OwnerAsync("files");
    }

    [TearDown]
    public void TearDown() => _gateways.Dispose();

    [Test]
    public async Task AVolumeMovesWhileAClientWritesAndIsTakenAfterACrash()
    {
        for (var round = 0; round < 3; round++)
        {
            var owner = await OwnerAsync("files");
            var (code, output) = await _gateways.Nasgate.RunAsync(
                "drill", "failover", "--server", Servers, "--to", $"gw{1 - owner}", "--http-port", LabGateways.HttpPortOf(owner));
            Assert.That(code, Is.Zero, output);
            Assert.That(await OwnerAsync("files"), Is.EqualTo(1 - owner));
            TestContext.Progress.WriteLine($"measured: planned move: {output.Trim()}");
        }

        var left = await OwnerAsync("files");
        var before = (await EpochAsync(left))!.Value;
        var drill = await _gateways.Nasgate.RunAsync("drill", "failover", "--server", Servers, "--http-port", LabGateways.HttpPortOf(left));
        Assert.That(drill.Code, Is.Zero, drill.Output);
        TestContext.Progress.WriteLine($"measured: as by a crash: {drill.Output.Trim()}");

        // The other gateway took it, and gives it back: the last move said where it is wanted.
        var isBack = await Poll.UntilAsync(
            async () => await EpochAsync(left) is { } epoch && epoch >= before + 2 && await OwnerAsync("files") == left, StepMax);
        Assert.That(isBack, _gateways.Tails);
    }

    [Test]
    public async Task AVolumeIsMadeServedAndMoved()
    {
        Assert.That((await _gateways.Nasgate.RunAsync("volume", "create", "more")).Code, Is.Zero);
        Assert.That((await _gateways.Nasgate.RunAsync("volume", "create", "more")).Output, Does.Contain("already"));
        var owner = await OwnerAsync("more");
        using (var share = _gateways.Network.Mount(1, LabGateways.PortOf(owner), path: "/more"))
            Assert.That(share.Create(share.Root, "f").Handle, Is.Not.Null);

        var ready = await Poll.UntilAsync(
            async () => (await _gateways.Nasgate.RunAsync("volume", "move", "more", "--to", $"gw{1 - owner}")).Code == 0, StepMax);
        Assert.That(ready, "the volume does not move");
        using (var share = _gateways.Network.Mount(2, LabGateways.PortOf(1 - owner), path: "/more"))
            Assert.That(share.Lookup(share.Root, "f").Status, Is.EqualTo(Protocol.Nfs3.Nfs3Status.Ok));
        Assert.That((await _gateways.Nasgate.RunAsync("volume", "move", "more", "--to", "nobody")).Output, Does.Contain("stands by"));
    }

    private async Task<ulong?> EpochAsync(int gateway) =>
        (await _gateways.VolumeAsync(gateway, "files"))?.GetProperty("epoch").GetUInt64();

    private Task<int> OwnerAsync(string volume) => _gateways.OwnerAsync(volume, StepMax);
}
