using Gateway.Replication.Tests.Owner;

namespace Gateway.Replication.Tests.Standby;

/// <summary>Three gateways under load while one thing after another happens to them.</summary>
public sealed class VolumeSeatFaultsTests
{
    private const int Rounds = 10;

    private TestCluster _cluster = null!;
    private TestGateway[] _gateways = [];
    private Random _random = new(0);

    [SetUp]
    public async Task SetUp()
    {
        _cluster = new TestCluster();
        await _cluster.StartNodesAsync();
    }

    [TearDown]
    public async Task TearDown()
    {
        await Task.WhenAll(_gateways.Select(gateway => gateway.DisposeAsync().AsTask()));
        await _cluster.DisposeAsync();
    }

    [TestCase(1)]
    [TestCase(2)]
    public async Task Nothing_acknowledged_is_lost_or_done_twice(int seed)
    {
        _random = new Random(seed);
        _gateways = [.. Enumerable.Range(0, 3).Select(at => new TestGateway(
            $"gw{at}", _cluster, _cluster.Control, _cluster.DirectoryOf($"rows-gw{at}")))];
        foreach (var gateway in _gateways) gateway.Start();
        var clients = Enumerable.Range(0, 3).Select(at => new CountedClient($"c{at}", _gateways)).ToArray();
        foreach (var client in clients) client.Start();
        for (var round = 0; round < Rounds; round++)
        {
            await ProgressAsync(clients);
            await FaultAsync();
        }

        await ProgressAsync(clients);
        foreach (var client in clients) await client.StopAsync();
        await TestCluster.UntilAsync(() => _gateways.Count(gateway => gateway.Serves) == 1, "one serves");
        var owner = _gateways.Single(gateway => gateway.Serves);
        foreach (var client in clients) client.Check(owner.Server.Serving!.Store);
        foreach (var standby in _gateways.Where(gateway => gateway != owner))
        {
            await TestCluster.UntilAsync(
                () => standby.StandsBy && standby.Status.AppliedIndex >= owner.Status.CommitIndex, "all are level");
        }

        Assert.That(owner.Status.Epoch, Is.LessThan(4 * Rounds), "Few tries are in vain.");
        TestContext.Out.WriteLine($"{clients.Sum(client => client.Acknowledged)} operations, {owner.Status.LastTakeover}");
    }

    private static async Task ProgressAsync(CountedClient[] clients)
    {
        foreach (var client in clients)
        {
            var before = client.Acknowledged;
            await TestCluster.UntilAsync(() => client.Acknowledged > before + 20, "it goes on");
        }
    }

    private async Task FaultAsync()
    {
        var gateway = _random.Next(3) == 0
            ? _gateways[_random.Next(_gateways.Length)]
            : _gateways.FirstOrDefault(one => one.Serves) ?? _gateways[0];
        var length = _random.Next(6) == 0 ? _random.Next(6000) : _random.Next(3000);
        var kind = _random.Next(6);
        TestContext.Out.WriteLine($"{gateway.Name}: {kind} for {length} ms");
        switch (kind)
        {
            case 0:
                gateway.Pause();
                await Task.Delay(length);
                gateway.Resume();
                break;
            case 1:
                gateway.CutNodes();
                await Task.Delay(length);
                gateway.MendNodes();
                break;
            case 2:
                gateway.Control.Cut();
                await Task.Delay(length);
                gateway.Control.Mend();
                break;
            case 3:
                gateway.Control.Cut();
                gateway.CutNodes();
                await Task.Delay(length);
                gateway.MendNodes();
                gateway.Control.Mend();
                break;
            case 4:
                var target = _gateways[_random.Next(_gateways.Length)];
                using (var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60)))
                    await gateway.Seat.MoveAsync(target.Name, timeout.Token);
                break;
            case 5:
                var node = _cluster[_random.Next(3)];
                await node.StopAsync();
                await Task.Delay(length / 3);
                await node.StartAsync();
                break;
        }
    }
}
