using System.Net;

namespace Gateway.Lab.Faults;

/// <summary>Two gateways on three nodes and etcd, and clients that send until they are answered.</summary>
/// <remarks>The gaps that are printed are those of <c>docs/failover.md</c>; nothing is asserted of them but a generous bound.</remarks>
[TestFixture, Category("Faults")]
public sealed class FailoverTests
{
    private const int Clients = 4;

    private static readonly TimeSpan StepMax = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan GapMax = TimeSpan.FromSeconds(5);

    private readonly List<HostProcess> _processes = [];
    private readonly List<FailoverClient> _clients = [];
    private readonly HostProcess?[] _gateways = new HostProcess?[2];
    private LabDirectory _directory = null!;
    private LabNetwork _network = null!;
    private LabEtcd _etcd = null!;
    private Nasgate _nasgate = null!;

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
        for (var gateway = 0; gateway < 2; gateway++) Serve(gateway);
        await OwnerAsync();
    }

    [TearDown]
    public void TearDown()
    {
        foreach (var client in _clients) client.Dispose();
        foreach (var process in _gateways.OfType<HostProcess>().Concat(_processes)) process.Dispose();
        _etcd.Dispose();
        _network.Dispose();
        _directory.Dispose();
        _clients.Clear();
        _processes.Clear();
        Array.Clear(_gateways);
    }

    [Test]
    public async Task ClientsGoOnWhenTheOwnerIsKilled()
    {
        await StartClientsAsync();
        for (var kill = 0; kill < 3; kill++)
        {
            var owner = await OwnerAsync();
            await LevelAsync(1 - owner);
            await _gateways[owner]!.KillAsync();
            await GoOnAsync($"kill {kill + 1}");
            Serve(owner);
        }

        await CheckAsync();
    }

    [Test]
    public async Task AnOwnerThatHungAnswersNothingWhenItGoesOn()
    {
        await StartClientsAsync();
        for (var pause = 0; pause < 2; pause++)
        {
            var owner = await OwnerAsync();
            await LevelAsync(1 - owner);
            _gateways[owner]!.Signal(Signals.Stop);
            await GoOnAsync("stop");
            _gateways[owner]!.Signal(Signals.Continue);
            await LevelAsync(owner);
        }

        await CheckAsync();
    }

    [Test]
    public async Task AnOrderlyStopIsHardlySeen()
    {
        await StartClientsAsync();
        for (var stop = 0; stop < 3; stop++)
        {
            var owner = await OwnerAsync();
            await LevelAsync(1 - owner);
            _gateways[owner]!.Signal(Signals.Terminate);
            await GoOnAsync("orderly stop");
            Assert.That(await _gateways[owner]!.EndAsync(StepMax), Is.Zero, _gateways[owner]!.Tail);
            Serve(owner);
        }

        await CheckAsync();
    }

    private void Serve(int gateway)
    {
        _gateways[gateway]?.Dispose();
        _gateways[gateway] = _nasgate.Start(
        [
            "serve", "--id", $"gw{gateway}", "--data", _directory[$"gw{gateway}"], "--listen", LabNetwork.HostAddress,
            "--nfs-port", $"{Nasgate.NfsPort + gateway}", "--http-port", $"{8080 + gateway}", "--smb-port", "none",
            .. LabEtcd.Options,
        ]);
    }

    private async Task StartClientsAsync()
    {
        var owner = await OwnerAsync();
        IPEndPoint[] gateways =
            [.. Enumerable.Range(0, 2).Select(at => new IPEndPoint(IPAddress.Parse(LabNetwork.HostAddress), Nasgate.NfsPort + at))];
        for (var number = 0; number < Clients; number++)
        {
            var client = new FailoverClient(_network, gateways, number);
            _clients.Add(client);
            client.Start(_network.Mount((uint)(0x1000 + (number << 20)), Nasgate.NfsPort + owner));
        }

        await AcknowledgedAsync();
    }

    private async Task GoOnAsync(string what)
    {
        await AcknowledgedAsync();
        var worst = _clients.Max(client => client.LongestGap);
        TestContext.Progress.WriteLine($"measured: {what}: gap {worst.TotalMilliseconds:F0} ms, {_clients.Sum(client => client.Acknowledged)} operations so far");
        Assert.That(worst, Is.LessThan(GapMax));
    }

    // Each client anew, so that the gap before is over.
    private async Task AcknowledgedAsync()
    {
        foreach (var client in _clients)
        {
            var before = client.Acknowledged;
            Assert.That(
                await Poll.UntilAsync(() => Task.FromResult(client.Acknowledged > before + 30), StepMax),
                string.Join('\n', _gateways.Select(gateway => gateway!.Tail)));
        }
    }

    private async Task CheckAsync()
    {
        foreach (var client in _clients) client.Stop();
        Assert.That(_clients.SelectMany(client => client.Errors), Is.Empty);
        using var share = _network.Mount(0x0900_0000, Nasgate.NfsPort + await OwnerAsync());
        Assert.That(_clients.SelectMany(client => client.Missing(share)), Is.Empty);
    }

    // The gaps of before it was there do not count.
    private async Task LevelAsync(int gateway)
    {
        await RoleAsync(gateway, "standby");
        foreach (var client in _clients) client.LongestGap = TimeSpan.Zero;
    }

    private async Task<int> OwnerAsync()
    {
        var owner = -1;
        var found = await Poll.UntilAsync(
            async () =>
            {
                for (var at = 0; at < 2; at++)
                {
                    if (await RoleOfAsync(at) == "owner") owner = at;
                }

                return owner >= 0;
            },
            StepMax);
        Assert.That(found, string.Join('\n', _gateways.Select(gateway => gateway!.Tail)));
        return owner;
    }

    private async Task RoleAsync(int gateway, string role) => Assert.That(
        await Poll.UntilAsync(async () => await RoleOfAsync(gateway) == role, StepMax), _gateways[gateway]!.Tail);

    private async Task<string?> RoleOfAsync(int gateway)
    {
        if (_gateways[gateway]!.HasExited) return null;

        // A process that hangs accepts connections and answers nothing.
        var (code, output) = await _nasgate.RunAsync("status", "--json", "--http-port", $"{8080 + gateway}");
        if (code != 0) return null;

        using var document = System.Text.Json.JsonDocument.Parse(output[output.IndexOf('{', StringComparison.Ordinal)..]);
        var volumes = document.RootElement.GetProperty("volumes");
        return volumes.GetArrayLength() == 0 ? null : volumes[0].GetProperty("role").GetString();
    }
}
