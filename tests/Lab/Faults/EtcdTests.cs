namespace Gateway.Lab.Faults;

/// <summary>Nodes and a gateway that know of each other by etcd alone, which is killed under them.</summary>
[TestFixture, Category("Faults")]
public sealed class EtcdTests
{
    private static readonly TimeSpan StepMax = TimeSpan.FromMinutes(1);

    private readonly List<HostProcess> _processes = [];

    [TearDown]
    public void TearDown()
    {
        foreach (var process in _processes) process.Dispose();
        _processes.Clear();
    }

    [Test]
    public async Task FilesGoOnWithoutEtcdAndAGatewayThatDiesWaitsForIt()
    {
        using var directory = new LabDirectory();
        using var network = new LabNetwork();
        using var etcd = new LabEtcd(network, directory);
        var nasgate = new Nasgate(network, directory);
        foreach (var node in Enumerable.Range(0, LabCluster.NodeCount))
        {
            var id = LabCluster.IdOf(node);
            _processes.Add(await nasgate.NodeAsync(id, directory[id], LabCluster.PortOf(node), LabEtcd.Options));
        }

        var gateway = Serve(nasgate, directory);
        etcd.Start();
        await gateway.LineAsync("nasgate: ready, serving", StepMax);

        using var load = new AcknowledgedLoad(network, 4);
        load.Start();
        Assert.That(await AcknowledgedAsync(load, 50), "nothing was acknowledged");
        await etcd.KillAsync();
        var before = load.Acknowledged;
        Assert.That(await AcknowledgedAsync(load, before + 200), "without etcd nothing more was acknowledged");
        await gateway.KillAsync();
        load.Join();

        var next = Serve(nasgate, directory);
        var told = await Poll.UntilAsync(
            () => Task.FromResult(next.Lines.Any(line => line.Contains("Waiting for the control plane", StringComparison.Ordinal))), StepMax);
        Assert.That(told, next.Tail);
        Assert.That(next.Lines, Has.None.StartsWith("nasgate: ready"));
        etcd.Start();
        await next.LineAsync("nasgate: ready, serving", StepMax);

        Assert.That(load.Errors, Is.Empty);
        Assert.That(load.Check(), Is.Empty);
        var (clean, verified) = await nasgate.VerifyAsync();
        Assert.That(clean, verified.ToString());
        TestContext.Progress.WriteLine($"measured: {load.Acknowledged} operations were acknowledged, {load.Acknowledged - before} without etcd");
    }

    private static Task<bool> AcknowledgedAsync(AcknowledgedLoad load, int count) =>
        Poll.UntilAsync(() => Task.FromResult(load.Acknowledged >= count), StepMax);

    private HostProcess Serve(Nasgate nasgate, LabDirectory directory)
    {
        var gateway = nasgate.Start(
            ["serve", "--id", "gw1", "--data", directory["gateway"], "--listen", LabNetwork.HostAddress, .. LabEtcd.Options]);
        _processes.Add(gateway);
        return gateway;
    }
}
