namespace Gateway.Lab.Faults;

/// <summary>Connections between gateway and nodes that break at any moment, one, some or all at once, while clients write.</summary>
[TestFixture, Category("Faults")]
public sealed class LinkLossTests
{
    private const int Rounds = 40;
    private static readonly TimeSpan StepMax = TimeSpan.FromMinutes(2);

    [Test]
    public async Task ClientsNoticeNothing()
    {
        using var directory = new LabDirectory();
        using var network = new LabNetwork();
        using var cluster = new LabCluster(network, directory);
        await cluster.StartAsync();
        using var load = new AcknowledgedLoad(network, 7);
        load.Start();
        for (var round = 0; round < Rounds; round++)
        {
            var nodes = Enumerable.Range(0, LabCluster.NodeCount).Where(_ => TestContext.CurrentContext.Random.Next(3) != 0).ToList();
            foreach (var node in nodes)
                network.BreakConnections(LabCluster.PortOf(node));

            // Clients that wait for a node to come back move on only then; where in their work the next loss meets them is chance.
            var said = $"round {round}, nodes {string.Join(',', nodes)}";
            await load.AssertGoesOnAsync(
                TestContext.CurrentContext.Random.Next(20, 200), StepMax, () => $"{said}\n{cluster.Gateway.Tail}");
        }

        load.Stop();
        await cluster.LevelAsync(StepMax);
        Assert.That(load.Errors, Is.Empty);
        Assert.That(load.Check(), Is.Empty);
        Assert.That(cluster.Gateway.Lines.Count(line => line.Contains("is down", StringComparison.Ordinal)), Is.GreaterThan(Rounds));
        Assert.That(cluster.Gateway.Lines, Has.None.Contains(" ERR "));
        var (clean, verified) = await cluster.Nasgate.VerifyAsync();
        Assert.That(clean, verified.ToString());
        TestContext.Progress.WriteLine($"measured: {load.Acknowledged} operations were acknowledged while links broke {Rounds} times");
    }
}
