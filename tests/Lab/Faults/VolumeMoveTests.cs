namespace Gateway.Lab.Faults;

/// <summary>Volumes made, moved and drilled by the command line, between two gateways on three nodes and etcd.</summary>
[TestFixture, Category("Faults")]
public sealed class VolumeMoveTests
{
    private static readonly TimeSpan StepMax = TimeSpan.FromMinutes(1);

    private readonly List<HostProcess> _processes = [];
    private LabDirectory _directory = null!;
    private LabNetwork _network = null!;
    private LabEtcd _etcd = null!;
    private Nasgate _nasgate = null!;

    private static string Servers { get; } =
        $"{LabNetwork.HostAddress}:{Nasgate.NfsPort},{LabNetwork.HostAddress}:{Nasgate.NfsPort + 1}";

    [SetUp]
    public async Task SetUp()
    {
        _directory = new LabDirectory();
        _network = new LabNetwork();
        _etcd = new LabEtcd(_network, _directory);
        _etcd.Start();
        _nasgate = new Nasgate(_network, _directory);
        for (var node = 1; node <= LabCluster.NodeCount; node++)
            _processes.Add(await _nasgate.NodeAsync($"n{node}", _directory[$"n{node}"], 7000 + node, LabEtcd.Options));
        for (var gateway = 0; gateway < 2; gateway++)
        {
            _processes.Add(_nasgate.Start(
            [
                "serve", "--id", $"gw{gateway}", "--data", _directory[$"gw{gateway}"], "--listen", LabNetwork.HostAddress,
                "--nfs-port", $"{Nasgate.NfsPort + gateway}", "--http-port", $"{8080 + gateway}", "--smb-port", "none",
                .. LabEtcd.Options,
            ]));
        }

        await OwnerAsync("files");
    }

    [TearDown]
    public void TearDown()
    {
        foreach (var process in _processes) process.Dispose();
        _processes.Clear();
        _etcd.Dispose();
        _network.Dispose();
        _directory.Dispose();
    }

    [Test]
    public async Task AVolumeMovesWhileAClientWritesAndIsTakenAfterACrash()
    {
        for (var round = 0; round < 3; round++)
        {
            var owner = await OwnerAsync("files");
            var (code, output) = await _nasgate.RunAsync(
                "drill", "failover", "--server", Servers, "--to", $"gw{1 - owner}", "--http-port", $"{8080 + owner}");
            Assert.That(code, Is.Zero, output);
            Assert.That(await OwnerAsync("files"), Is.EqualTo(1 - owner));
            TestContext.Progress.WriteLine($"measured: planned move: {output.Trim()}");
        }

        var left = await OwnerAsync("files");
        var drill = await _nasgate.RunAsync("drill", "failover", "--server", Servers, "--http-port", $"{8080 + left}");
        Assert.That(drill.Code, Is.Zero, drill.Output);
        Assert.That(await OwnerAsync("files"), Is.EqualTo(1 - left));
        TestContext.Progress.WriteLine($"measured: as by a crash: {drill.Output.Trim()}");
    }

    [Test]
    public async Task AVolumeIsMadeServedAndMoved()
    {
        Assert.That((await _nasgate.RunAsync("volume", "create", "more")).Code, Is.Zero);
        Assert.That((await _nasgate.RunAsync("volume", "create", "more")).Output, Does.Contain("already"));
        var owner = await OwnerAsync("more");
        using (var share = _network.Mount(1, Nasgate.NfsPort + owner, path: "/more"))
            Assert.That(share.Create(share.Root, "f").Handle, Is.Not.Null);

        var ready = await Poll.UntilAsync(
            async () => (await _nasgate.RunAsync("volume", "move", "more", "--to", $"gw{1 - owner}")).Code == 0, StepMax);
        Assert.That(ready, "the volume does not move");
        using (var share = _network.Mount(2, Nasgate.NfsPort + 1 - owner, path: "/more"))
            Assert.That(share.Lookup(share.Root, "f").Status, Is.EqualTo(Protocol.Nfs3.Nfs3Status.Ok));
        Assert.That((await _nasgate.RunAsync("volume", "move", "more", "--to", "nobody")).Output, Does.Contain("stands by"));
    }

    private async Task<int> OwnerAsync(string volume)
    {
        var owner = -1;
        var found = await Poll.UntilAsync(
            async () =>
            {
                for (var gateway = 0; gateway < 2 && owner < 0; gateway++)
                {
                    var (code, output) = await _nasgate.RunAsync("status", "--json", "--http-port", $"{8080 + gateway}");
                    if (code == 0 && IsOwner(output, volume)) owner = gateway;
                }

                return owner >= 0;
            },
            StepMax);
        Assert.That(found, $"nobody serves {volume}");
        return owner;
    }

    private static bool IsOwner(string status, string volume)
    {
        using var document = System.Text.Json.JsonDocument.Parse(status);
        return document.RootElement.GetProperty("volumes").EnumerateArray().Any(one =>
            one.GetProperty("name").GetString() == volume && one.GetProperty("role").GetString() == "owner"
            && one.GetProperty("state").GetString() == "serving");
    }
}
