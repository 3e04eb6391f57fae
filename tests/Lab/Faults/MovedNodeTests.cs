namespace Gateway.Lab.Faults;

/// <summary>A node that comes back elsewhere with what it had is found there by gateways that go on.</summary>
[TestFixture, Category("Faults")]
public sealed class MovedNodeTests
{
    private const string MachineBefore = "10.79.0.1";
    private const string MachineAfter = "10.79.0.2";

    private static readonly TimeSpan StepMax = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan LoadTime = TimeSpan.FromSeconds(2);

    private readonly List<AcknowledgedLoad> _loads = [];
    private LabGateways _lab = null!;
    private int _owner;

    [SetUp]
    public async Task SetUp()
    {
        _lab = new LabGateways();
        await _lab.StartAsync();
        _owner = await _lab.OwnerAsync("files", StepMax);
    }

    [TearDown]
    public void TearDown()
    {
        foreach (var load in _loads) load.Dispose();
        _loads.Clear();
        _lab.Dispose();
    }

    [Test]
    public async Task ANodeMovesToAnotherPortAndCountsThere()
    {
        await LoadAsync();
        await _lab.KillNodeAsync(0);
        await LoadAsync();
        await _lab.StartNodeAsync(0, "127.0.0.1:7101");
        await LevelAsync();
        await WritesGoOnWithoutAsync(1);
        await TheNextOwnerReachesItAsync();
    }

    // Nobody closes the connections to a machine that has lost its power: the gateways must find that out by themselves.
    [Test]
    public async Task ANodeMovesFromAMachineThatIsSilent()
    {
        _lab.Network.AddAddress(MachineBefore);
        _lab.Network.AddAddress(MachineAfter);
        await _lab.KillNodeAsync(0);
        await _lab.StartNodeAsync(0, MachineBefore + ":7001");
        await LevelAsync();
        await LoadAsync();
        _lab.Network.TakeAddressAway(MachineBefore);
        await _lab.KillNodeAsync(0);
        await LoadAsync();
        await _lab.StartNodeAsync(0, MachineAfter + ":7001");
        await LevelAsync();
        await WritesGoOnWithoutAsync(1);
        await TheNextOwnerReachesItAsync();
    }

    private async Task WritesGoOnWithoutAsync(int node)
    {
        await _lab.KillNodeAsync(node);
        await LoadAsync();
        await _lab.StartNodeAsync(node);
        await LevelAsync();
    }

    // The standby has followed it as well: two of three nodes are there, and one of them is the one that has moved.
    private async Task TheNextOwnerReachesItAsync()
    {
        await _lab.KillNodeAsync(2);
        await _lab[_owner].KillAsync();
        _owner = await _lab.OwnerAsync("files", StepMax);
        await LoadAsync();
        foreach (var load in _loads) Assert.That(load.Check(LabGateways.PortOf(_owner)), Is.Empty);
    }

    private async Task LoadAsync()
    {
        var load = new AcknowledgedLoad(_lab.Network, seed: 1, LabGateways.PortOf(_owner), round: _loads.Count);
        _loads.Add(load);
        load.Start();
        await Task.Delay(LoadTime);
        Assert.That(load.AllRun, _lab.Tails);
        load.Stop();
        Assert.That(load.Errors, Is.Empty);
        Assert.That(load.Acknowledged, Is.GreaterThan(20));
    }

    private async Task LevelAsync()
    {
        var last = "";
        var level = await Poll.UntilAsync(
            async () =>
            {
                if (await _lab.VolumeAsync(_owner, "files") is not { } volume) return false;
                last = volume.ToString();
                return LabCluster.IsLevel(volume);
            },
            StepMax);
        Assert.That(level, $"{last}\n{_lab.Tails}");
    }
}
