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

    private readonly List<FailoverClient> _clients = [];
    private LabGateways _gateways = null!;

    [SetUp]
    public async Task SetUp()
    {
        _gateways = new LabGateways();
        await _gateways.StartAsync();
        await OwnerAsync();
    }

    [TearDown]
    public void TearDown()
    {
        foreach (var client in _clients) client.Dispose();
        _gateways.Dispose();
        _clients.Clear();
    }

    [Test]
    public async Task ClientsGoOnWhenTheOwnerIsKilled()
    {
        await StartClientsAsync();
        for (var kill = 0; kill < 3; kill++)
        {
            var owner = await OwnerAsync();
            await LevelAsync(1 - owner);
            await _gateways[owner].KillAsync();
            await GoOnAsync($"kill {kill + 1}");
            _gateways.Serve(owner);
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
            _gateways[owner].Signal(Signals.Stop);
            await GoOnAsync("stop");
            _gateways[owner].Signal(Signals.Continue);
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
            _gateways[owner].Signal(Signals.Terminate);
            await GoOnAsync("orderly stop");
            Assert.That(await _gateways[owner].EndAsync(StepMax), Is.Zero, _gateways[owner].Tail);
            _gateways.Serve(owner);
        }

        await CheckAsync();
    }

    private async Task StartClientsAsync()
    {
        var owner = await OwnerAsync();
        IPEndPoint[] gateways =
            [.. Enumerable.Range(0, LabGateways.Count).Select(at => new IPEndPoint(IPAddress.Parse(LabNetwork.HostAddress), LabGateways.PortOf(at)))];
        for (var number = 0; number < Clients; number++)
        {
            var client = new FailoverClient(_gateways.Network, gateways, number);
            _clients.Add(client);
            client.Start(_gateways.Network.Mount((uint)(0x1000 + (number << 20)), LabGateways.PortOf(owner)));
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
                _gateways.Tails);
        }
    }

    private async Task CheckAsync()
    {
        foreach (var client in _clients) client.Stop();
        Assert.That(_clients.SelectMany(client => client.Errors), Is.Empty);
        using var share = _gateways.Network.Mount(0x0900_0000, LabGateways.PortOf(await OwnerAsync()));
        Assert.That(_clients.SelectMany(client => client.Missing(share)), Is.Empty);
    }

    // The gaps of before it was there do not count.
    private async Task LevelAsync(int gateway)
    {
        await RoleAsync(gateway, "standby");
        foreach (var client in _clients) client.LongestGap = TimeSpan.Zero;
    }

    private Task<int> OwnerAsync() => _gateways.OwnerAsync("files", StepMax);

    private async Task RoleAsync(int gateway, string role) => Assert.That(
        await Poll.UntilAsync(async () => await _gateways.RoleAsync(gateway, "files") == role, StepMax), _gateways[gateway].Tail);
}
