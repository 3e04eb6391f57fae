using Gateway.Lab.Scenarios;
using Gateway.Lab.Scenarios.Load;
using Gateway.Lab.Scenarios.Network;

namespace Gateway.Lab.Faults;

/// <summary>
/// Clients whose way to the owner is cut off give their connections up and send again on others. TCP brings what they had
/// written to the first ones when the network is whole again: among requests that came later.
/// </summary>
[TestFixture, Category("Faults")]
public sealed class LateCopyTests
{
    private const int Clients = 24;
    private const int Cuts = 4;

    // Longer than a client waits for a reply, so that it gives up. What was not acknowledged is sent again after 0.2, 0.6, 1.4
    // and 3 seconds: one of the last two is after the cut, and most clients are long back then.
    private static readonly TimeSpan Cut = TimeSpan.FromSeconds(1.5);
    private static readonly TimeSpan Whole = TimeSpan.FromSeconds(2.5);

    [Test]
    public async Task What_TCP_brings_late_changes_nothing()
    {
        using var cluster = new ScenarioCluster();
        await cluster.StartAsync();
        var owner = await cluster.OwnerAsync();
        using var share = cluster.Mount(owner);
        LoneNfsClient[] clients = [.. Enumerable.Range(0, Clients).Select(number => new LoneNfsClient(number, Mount(cluster), share.Root))];
        foreach (var client in clients) client.Start();
        for (var cut = 0; cut < Cuts; cut++)
        {
            await Task.Delay(Whole);
            cluster.Network[ScenarioCluster.NfsHost, owner.Host] = LinkState.Cut;
            await Task.Delay(Cut);
            cluster.Network.Heal();
        }

        await Task.Delay(Whole);
        foreach (var client in clients) client.Dispose();
        Assert.That(clients.SelectMany(client => client.Errors), Is.Empty);
        Assert.That(clients, Has.All.Property(nameof(LoneNfsClient.Acknowledged)).Positive);
        TestContext.Progress.WriteLine($"measured: {clients.Sum(client => client.Acknowledged)} requests answered as they must over {Cuts} cuts");
    }

    private static HardMount Mount(ScenarioCluster cluster) =>
        new(cluster.Network, ScenarioCluster.NfsHost, ScenarioCluster.NfsServers, cluster.NextXid());
}
