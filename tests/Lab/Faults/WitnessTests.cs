using System.Text.Json;

namespace Gateway.Lab.Faults;

/// <summary>Two data nodes and a witness, with etcd and two gateways, as real processes: either data node may be lost.</summary>
[TestFixture, Category("Faults")]
public sealed class WitnessTests
{
    private static readonly TimeSpan StepMax = TimeSpan.FromMinutes(3);
    private static readonly TimeSpan LoadTime = TimeSpan.FromSeconds(3);

    private LabGateways _lab = null!;
    private int _owner;
    private int _rounds;

    [SetUp]
    public async Task SetUp()
    {
        _lab = new LabGateways(withWitness: true);
        await _lab.StartAsync();
        _owner = await _lab.OwnerAsync("files", StepMax);
        _rounds = 0;
    }

    [TearDown]
    public void TearDown() => _lab.Dispose();

    [Test]
    public async Task EitherDataNodeIsLostAndComesBackEmpty()
    {
        Assert.That(Roles(await StatusAsync()), Is.EqualTo(new[] { "n1 member", "n2 member", "n3 witness" }));
        using var first = NewLoad();
        first.Start();
        await Task.Delay(LoadTime);
        await _lab.KillNodeAsync(0, wipe: true);
        await SpilledAsync();
        await Task.Delay(LoadTime);
        first.Stop();
        var degraded = await StatusAsync();
        TestContext.Progress.WriteLine(
            $"measured: {first.Acknowledged} operations, {degraded.GetProperty("spilledBytes").GetInt64() >> 10} KiB ride in the journal");
        Assert.That(degraded.GetProperty("spillReason").GetString(), Is.EqualTo("n1 does not answer"));
        CheckAll(first);

        await _lab.StartNodeAsync(0);
        await HealedAsync();
        await _lab.KillNodeAsync(1);
        await ServingAsync();
        CheckAll(first);
        using var second = NewLoad();
        second.Start();
        await Task.Delay(LoadTime);
        second.Stop();
        CheckAll(first, second);
        await _lab.StartNodeAsync(1);
        await HealedAsync();
        CheckAll(first, second);
    }

    // What was written while n1 was down is in one copy on n2, if it is not in the journal.
    [Test]
    public async Task TheOtherDiskDiesAsSoonAsTheFirstNodeIsBack([Values] bool theGatewayToo)
    {
        using var load = NewLoad();
        load.Start();
        await _lab.KillNodeAsync(0);
        await SpilledAsync();
        await Task.Delay(LoadTime);
        load.Stop();
        await _lab.StartNodeAsync(0);
        await _lab.KillNodeAsync(1, wipe: true);
        if (theGatewayToo)
        {
            await _lab[_owner].KillAsync();
            _owner = await _lab.OwnerAsync("files", StepMax);
        }

        await ServingAsync();
        var status = await StatusAsync();
        TestContext.Progress.WriteLine(
            $"measured: {load.Acknowledged} operations, {status.GetProperty("spilledSlices").GetInt64()} slices still ride in the journal");
        CheckAll(load);
        await _lab.StartNodeAsync(1);
        await HealedAsync();
        CheckAll(load);
    }

    private static string[] Roles(JsonElement volume) => [.. volume.GetProperty("nodes").EnumerateArray()
        .Select(node => $"{node.GetProperty("id").GetString()} {node.GetProperty("role").GetString()}").Order()];

    private static bool AreUp(JsonElement volume, ulong committed) => volume.GetProperty("nodes").EnumerateArray().All(
        node => node.GetProperty("state").GetString() == "up" && node.GetProperty("matchIndex").GetUInt64() >= committed);

    private AcknowledgedLoad NewLoad() => new(_lab.Network, 1, LabGateways.PortOf(_owner), _rounds++);

    private void CheckAll(params AcknowledgedLoad[] loads)
    {
        foreach (var load in loads)
        {
            Assert.That(load.Errors, Is.Empty);
            Assert.That(load.Acknowledged, Is.GreaterThan(20));
            Assert.That(load.Check(LabGateways.PortOf(_owner)), Is.Empty, _lab.Tails);
        }
    }

    private async Task<JsonElement> StatusAsync() =>
        await _lab.VolumeAsync(_owner, "files") ?? throw new InvalidOperationException($"No status:\n{_lab.Tails}");

    private Task SpilledAsync() => UntilAsync(status => status.GetProperty("spilledSlices").GetInt64() > 0);

    // Without n1 or n2 the other one needs the journal, which it fetches from the witness.
    private Task ServingAsync() => UntilAsync(status => status.GetProperty("state").GetString() == "serving"
        && status.GetProperty("nodes").EnumerateArray().Count(node => node.GetProperty("state").GetString() == "up") == 2);

    private async Task HealedAsync()
    {
        await UntilAsync(status => status.GetProperty("owedSlices").GetInt64() == 0
            && status.GetProperty("spilledSlices").GetInt64() == 0
            && AreUp(status, status.GetProperty("committedIndex").GetUInt64()));
        var (clean, verified) = await _lab.Nasgate.VerifyAsync("--http-port", LabGateways.HttpPortOf(_owner));
        Assert.That(clean, verified.ToString());
        Assert.That(verified.GetProperty("slicesSpilled").GetInt64(), Is.Zero);
    }

    private async Task UntilAsync(Func<JsonElement, bool> reached)
    {
        var status = default(JsonElement);
        var done = await Poll.UntilAsync(async () => reached(status = await StatusAsync()), StepMax);
        Assert.That(done, $"{status}\n{_lab.Tails}");
    }
}
