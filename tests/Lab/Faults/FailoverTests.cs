using System.Globalization;
using Gateway.Lab.Scenarios;
using Gateway.Lab.Scenarios.Load;
using Gateway.Lab.Scenarios.Network;

namespace Gateway.Lab.Faults;

/// <summary>
/// The owner of the volume goes, in each way there is, under clients of NFS and of SMB that send until they are answered. The gaps
/// that are printed are those of <c>docs/failover.md</c>; nothing is asserted of them but a generous bound.
/// </summary>
/// <remarks><c>NASGATE_FAILOVER_ROUNDS</c> is how often the owner goes in each way.</remarks>
[TestFixture, Category("Faults")]
public sealed class FailoverTests
{
    private const int ClientsOfEach = 2;
    private const int RoundsUnlessAsked = 2;
    private const int EnoughOperations = 20;

    private static readonly TimeSpan StepMax = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan GapMax = TimeSpan.FromSeconds(5);

    private static readonly int? RoundsAsked =
        int.TryParse(Environment.GetEnvironmentVariable("NASGATE_FAILOVER_ROUNDS"), CultureInfo.InvariantCulture, out var rounds) ? rounds : null;

    // To measure, on a machine that does nothing else and answers within a millisecond, clients who waited longer would be what is
    // measured. On one that runs all tests, those who wait no longer may never hear the end of a log-on.
    private static readonly TimeSpan ReplyMax = TimeSpan.FromMilliseconds(RoundsAsked is null ? 1000 : 250);

    private static readonly int Rounds = RoundsAsked ?? RoundsUnlessAsked;

    private readonly List<SteadyNfsClient> _nfs = [];
    private readonly List<SteadySmbClient> _smb = [];
    private ScenarioCluster _cluster = null!;

    private IEnumerable<SteadyClient> Clients => _nfs.Concat<SteadyClient>(_smb);

    [OneTimeSetUp]
    public async Task StartAsync()
    {
        _cluster = new ScenarioCluster();
        await _cluster.StartAsync();
    }

    [OneTimeTearDown]
    public void Stop() => _cluster.Dispose();

    [SetUp]
    public async Task StartClientsAsync()
    {
        using var share = _cluster.Mount(await _cluster.OwnerAsync());
        var directory = share.MkDir(share.Root, TestContext.CurrentContext.Test.Name, 0x1FF).Handle!.Value;
        for (var number = 0; number < ClientsOfEach; number++)
        {
            _nfs.Add(new SteadyNfsClient(
                number,
                new HardMount(
                    _cluster.Network, ScenarioCluster.NfsHost, ScenarioCluster.NfsServers, _cluster.NextXid(), ReplyMax),
                directory));
            var file = string.Create(CultureInfo.InvariantCulture, $"smb{number}");
            Assert.That(share.Create(directory, file, ScenarioTree.FileMode).Handle, Is.Not.Null);
            var mount = new SmbMount(
                _cluster.Network, ScenarioCluster.SmbHost, ScenarioCluster.SmbServers, _cluster.User, ScenarioCluster.ContinuousShare,
                isPersistent: true, (int)(_cluster.NextXid() >> 16), ReplyMax);
            _smb.Add(new SteadySmbClient(number, mount, $@"{TestContext.CurrentContext.Test.Name}\{file}"));
        }

        foreach (var client in Clients) client.Start();
        await AcknowledgedAsync();
    }

    [TearDown]
    public void StopClients()
    {
        foreach (var client in Clients) client.Dispose();
        _nfs.Clear();
        _smb.Clear();
    }

    [Test]
    public Task Killed() => GoesAsync("SIGKILL", owner => owner.KillAsync());

    /// <summary>It answers nothing when it goes on, and stands by.</summary>
    [Test]
    public Task Hung() => GoesAsync("SIGSTOP", owner => Done(owner.Hang));

    /// <summary>Clients reach it, and nobody else.</summary>
    [Test]
    public Task CutOffFromNodesAndControl() => GoesAsync(
        "cut off from nodes and etcd",
        owner => Done(() => Cut(owner, _cluster.Nodes.Append(_cluster.Processes[0]).Select(other => other.Host))));

    [Test]
    public Task CutOffFromAll() => GoesAsync(
        "cut off from all", owner => Done(() => Cut(owner, Enumerable.Range(1, ScenarioCluster.HostCount))));

    [Test]
    public Task StoppedInOrder() => GoesAsync("SIGTERM", owner => owner.TerminateAsync());

    /// <summary>By its name the last: the volume is wanted there from now on, and goes back whenever it can.</summary>
    [Test]
    public Task VolumeMoved() => GoesAsync("volume move", MoveAsync);

    private async Task GoesAsync(string what, Func<ScenarioProcess, Task> go)
    {
        var nfs = new List<TimeSpan>();
        var smb = new List<TimeSpan>();
        for (var round = 0; round < Rounds; round++)
        {
            var owner = await _cluster.OwnerAsync();
            await AcknowledgedAsync();
            foreach (var client in Clients) client.LongestGap = TimeSpan.Zero;
            await go(owner);
            await AcknowledgedAsync();
            nfs.Add(_nfs.Max(client => client.LongestGap));
            smb.Add(_smb.Max(client => client.LongestGap));
            Assert.That((await _cluster.OwnerAsync()).Name, Is.Not.EqualTo(owner.Name));
            await _cluster.RecoverAsync(StepMax);
        }

        TestContext.Progress.WriteLine($"measured: {what}: NFS {Summary(nfs)}; SMB {Summary(smb)}");
        await CheckAsync();
        Assert.That(nfs.Concat(smb).Max(), Is.LessThan(GapMax));
    }

    private async Task CheckAsync()
    {
        foreach (var client in Clients) client.Stop();
        using var share = _cluster.Mount(await _cluster.OwnerAsync());
        Assert.That(_nfs.SelectMany(client => client.Missing(share)), Is.Empty);
        Assert.That(Clients.SelectMany(client => client.Errors.Concat(client.Complaints)), Is.Empty, () => _cluster.Tails);
        Assert.That(_cluster.Ends, Is.Empty);
    }

    // Each client anew, so that the gap before is over.
    private async Task AcknowledgedAsync()
    {
        foreach (var client in Clients)
        {
            var before = client.Acknowledged;
            Assert.That(
                await Poll.UntilAsync(() => Task.FromResult(client.Acknowledged > before + EnoughOperations), StepMax),
                _cluster.Tails);
        }
    }

    private async Task MoveAsync(ScenarioProcess owner)
    {
        var other = _cluster.Gateways.First(gateway => gateway != owner);
        var (code, output) = await _cluster.RunAsync(owner.Host, "volume", "move", ScenarioCluster.Volume, "--to", other.Name);
        Assert.That(code, Is.Zero, output);
    }

    private void Cut(ScenarioProcess owner, IEnumerable<int> others)
    {
        foreach (var other in others)
        {
            _cluster.Network[owner.Host, other] = LinkState.Cut;
            _cluster.Network[other, owner.Host] = LinkState.Cut;
        }
    }

    private static Task Done(Action act)
    {
        act();
        return Task.CompletedTask;
    }

    private static string Summary(List<TimeSpan> gaps)
    {
        var ordered = gaps.Order().ToList();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"median {ordered[ordered.Count / 2].TotalSeconds:F2} s, best {ordered[0].TotalSeconds:F2} s, worst of {ordered.Count} {ordered[^1].TotalSeconds:F2} s");
    }
}
