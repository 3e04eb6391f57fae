using System.Diagnostics;
using Gateway.Replication.Links;
using Gateway.Replication.Owner;
using Gateway.Replication.Slices;
using Gateway.Replication.Store;

namespace Gateway.Replication.Tests.Owner;

/// <summary>Two data nodes and a witness: what ADR 18 promises, on nodes with real disks.</summary>
public sealed class WitnessTests
{
    private const int Witness = 2;

    private readonly List<(SliceRef Slice, byte[] Bytes)> _written = [];
    private TestCluster _cluster = null!;
    private int _seed;

    [SetUp]
    public async Task SetUp()
    {
        _cluster = new TestCluster();
        await _cluster.StartNodesAsync();
        _written.Clear();
        _seed = 0;
    }

    [TearDown]
    public async Task TearDown() => await _cluster.DisposeAsync();

    [Test]
    public async Task Either_data_node_may_be_lost_and_the_rows_are_gone_when_it_is_healed([Values(0, 1)] int lost)
    {
        var host = await OpenAsync();
        await WriteAsync(host.Store, 50_000);
        Assert.That(host.Status.SpilledSlices, Is.Zero);
        Assert.That(host.Status.Nodes[Witness].IsWitness);

        await _cluster[lost].StopAsync();
        foreach (var bytes in new[] { 1, 50_000, SpilledRows.PartBytes, 700_000, SliceLimits.BytesMax }) await WriteAsync(host.Store, bytes);
        await CheckAsync(host.Store);
        var spilledBytes = _written.Skip(1).Sum(written => written.Bytes.Length);
        await SpillsAsync(host, 5);
        await TestCluster.UntilAsync(() => host.Status.SpilledBytes == spilledBytes, "their bytes are counted");
        Assert.That(host.Status.SpillReason, Is.EqualTo($"n{lost} does not answer"));
        Assert.That(host.Status.Nodes[lost].OwedSlices, Is.EqualTo(5));
        var verified = await host.VerifyAsync(null, default);
        Assert.That(verified.SlicesSpilled, Is.EqualTo(5));
        Assert.That(verified.Differences, Is.EqualTo(new[] { new VerifyDifference($"n{lost}", "node", "does not answer") }));

        await ComeBackAsync(host, lost, emptied: true);
        await _cluster[1 - lost].StopAsync();
        await CheckAsync(host.Store);
        await WriteAsync(host.Store, 300_000);
        await ComeBackAsync(host, 1 - lost, emptied: false);
        await CheckAsync(host.Store);
        Assert.That(host.Status.Nodes[Witness].SliceCount, Is.Zero);
    }

    // The trap of "one copy is enough while the other node is down": B came back behind A, and A's disk dies.
    [Test]
    public async Task What_was_written_while_a_node_was_down_outlives_the_disk_of_the_other()
    {
        var host = await OpenAsync();
        await WriteAsync(host.Store, 50_000);
        await _cluster[0].StopAsync();
        for (var at = 0; at < 5; at++) await WriteAsync(host.Store, 100_000 * (at + 1));

        // It takes the journal again, and no slices yet.
        var unhealed = new TaskCompletionSource();
        _cluster[0].Through = requests => new HeldNode(requests) { Gate = unhealed.Task };
        await _cluster[0].StartAsync();
        await TestCluster.UntilAsync(() => host.Status.Nodes[0] is { State: "up" } node && node.MatchIndex == host.Status.CommitIndex, "level");
        await Task.Delay(TimeSpan.FromSeconds(2.5));
        Assert.That(Spilled(host.Store), Has.Count.EqualTo(5), "The rows stay until both nodes have the slices.");

        await _cluster[1].StopAsync();
        _cluster[1].Empty();
        await CheckAsync(host.Store);
        await host.StopAsync();

        // Also for whoever owns the volume next, and reads the journal of the witness.
        _cluster.LoseRows();
        var next = await OpenAsync();
        await CheckAsync(next.Store);
        unhealed.SetResult();
        await TestCluster.UntilAsync(() => next.Status.Nodes[0].OwedSlices == 0, "it is healed from the rows");
        await ComeBackAsync(next, 1, emptied: false);
        await CheckAsync(next.Store);
    }

    [Test]
    public async Task A_node_that_hangs_costs_one_write_a_moment_and_the_next_ones_nothing()
    {
        var gate = new TaskCompletionSource();
        await HoldAsync(0, requests => new HeldNode(requests) { Gate = gate.Task });
        var patience = TimeSpan.FromSeconds(2);
        var host = await OpenAsync(options => options with { SpillAfter = patience });
        var began = Stopwatch.GetTimestamp();
        await WriteAsync(host.Store, 100_000);
        var first = Stopwatch.GetElapsedTime(began);
        began = Stopwatch.GetTimestamp();
        for (var at = 0; at < 10; at++) await WriteAsync(host.Store, 100_000);
        await TestContext.Out.WriteLineAsync($"first {first.TotalMilliseconds:F0} ms, ten more {Stopwatch.GetElapsedTime(began).TotalMilliseconds:F0} ms");
        await SpillsAsync(host, 11);
        Assert.That(host.Status.SpillReason, Is.EqualTo("n0 does not take slices in time"));
        Assert.That(Stopwatch.GetElapsedTime(began), Is.LessThan(10 * patience), "It is not waited for again.");

        gate.SetResult();
        await DrainedAsync(host);
        await WriteAsync(host.Store, 100_000);
        Assert.That(host.Status.SpilledSlices, Is.Zero, "It is counted on again.");
    }

    [Test]
    public async Task Nothing_is_spilled_that_no_data_node_has()
    {
        var host = await OpenAsync(options => options with { SliceWriteTimeout = TimeSpan.FromMilliseconds(500) });
        await _cluster[0].StopAsync();
        await _cluster[1].StopAsync();
        Assert.That((await host.Store.WriteSliceAsync(new byte[1000])).Outcome, Is.EqualTo(StoreOutcome.Unavailable));
        Assert.That(host.Status.SpilledSlices, Is.Zero);
        await _cluster[1].StartAsync();
        await TestCluster.UntilAsync(() => host.Status.State == "serving", "a majority is back");
        await WriteAsync(host.Store, 1000);
        await SpillsAsync(host, 1);
    }

    [Test]
    public async Task A_full_witness_is_a_full_volume_and_no_stop()
    {
        HeldNode witness = null!;
        await HoldAsync(Witness, requests => witness = new HeldNode(requests));
        var host = await OpenAsync();
        await WriteAsync(host.Store, 50_000);
        await _cluster[0].StopAsync();
        await WriteAsync(host.Store, 50_000);

        witness.IsFull = true;
        await TestCluster.UntilAsync(() => host.Status.Space.AvailableBytes == 0, "the volume is full");
        Assert.That((await host.Store.WriteSliceAsync(new byte[100_000])).Outcome, Is.EqualTo(StoreOutcome.NoSpace));
        Assert.That(await host.Store.ExecuteAsync(new TestCluster.PutRow("a", [1])), Is.EqualTo(StoreOutcome.NoSpace));
        await CheckAsync(host.Store);
        Assert.That(await host.Store.ExecuteAsync(new TestCluster.Free(_written[1].Slice)), Is.EqualTo(StoreOutcome.Ok));
        _written.RemoveAt(1);
        await TestCluster.UntilAsync(() => host.Status.SpilledSlices == 0, "what is freed rides no more");

        // With both data nodes the witness is not needed for a majority.
        await _cluster[0].StartAsync();
        await TestCluster.UntilAsync(() => host.Status.Space.AvailableBytes > 0, "there is space again");
        await WriteAsync(host.Store, 100_000);
        await CheckAsync(host.Store);
    }

    [Test]
    public async Task Slices_that_nobody_refers_to_do_not_ride_for_ever()
    {
        var host = await OpenAsync();
        await _cluster[0].StopAsync();
        await WriteAsync(host.Store, 300_000);
        await WriteAsync(host.Store, 300_000);
        Assert.That(await host.Store.ExecuteAsync(new TestCluster.Free(_written[0].Slice)), Is.EqualTo(StoreOutcome.Ok));
        await TestCluster.UntilAsync(() => host.Status.SpilledSlices == 1, "the freed one is gone");

        // Its writer may refer to it as long as this owner lives.
        var unreferenced = await host.Store.WriteSliceAsync(new byte[400_000]);
        Assert.That(unreferenced.Outcome, Is.EqualTo(StoreOutcome.Ok));
        await Task.Delay(TimeSpan.FromSeconds(2.5));
        Assert.That(Spilled(host.Store), Is.EqualTo(new[] { _written[1].Slice.Id, unreferenced.Slice.Id }));
        await host.StopAsync();
        var next = await OpenAsync();
        await TestCluster.UntilAsync(() => Spilled(next.Store).Count == 1, "the other is not");
        _written.RemoveAt(0);
        await ComeBackAsync(next, 0, emptied: false);
        await CheckAsync(next.Store);
    }

    [Test]
    public async Task No_checkpoint_rides_in_the_journal_and_the_next_comes_by_itself_when_the_node_is_back()
    {
        var host = await OpenAsync(options => options with { Store = new VolumeStoreOptions { CheckpointBytesMin = 2 << 20 } });
        await _cluster[0].StopAsync();
        while (host.Status.SpilledBytes < 8 << 20) await WriteAsync(host.Store, 1 << 20);
        Assert.That(await host.CheckpointAsync(), Is.False);
        Assert.That(host.Status.CheckpointIndex, Is.Zero);
        await ComeBackAsync(host, 0, emptied: false);
        await TestCluster.UntilAsync(() => host.Status.CheckpointIndex > 0, "a checkpoint is written");

        // It holds no more than what the rows hold now.
        await host.StopAsync();
        _cluster.LoseRows();
        var next = await OpenAsync();
        await CheckAsync(next.Store);
    }

    [Test]
    public async Task The_witness_is_scrubbed_and_verified_like_the_others()
    {
        var host = await OpenAsync();
        await WriteAsync(host.Store, 100_000);
        await host.ScrubAsync(default);
        Assert.That(host.Status.ScrubRounds, Is.EqualTo(3));
        await _cluster[Witness].StopAsync();
        VerifyResult verified;
        do verified = await host.VerifyAsync(null, default);
        while (verified.Clean);
        Assert.That(verified.Differences, Does.Contain(new VerifyDifference("n2", "node", "does not answer")));
        await WriteAsync(host.Store, 100_000);
        Assert.That(host.Status.SpilledSlices, Is.Zero, "Both data nodes answer.");
    }

    private static List<SliceId> Spilled(IVolumeStore store)
    {
        using var snapshot = store.OpenSnapshot();
        var slices = new SliceRef[100];
        return [.. slices[..SpilledRows.ReadSlices(snapshot, null, slices)].Select(slice => slice.Id)];
    }

    // The owner's count may be off by what is being written, until it looks again.
    private static Task SpillsAsync(VolumeHost host, int slices) =>
        TestCluster.UntilAsync(() => host.Status.SpilledSlices == slices, $"{slices} slices ride in the journal");

    private static async Task DrainedAsync(VolumeHost host)
    {
        await TestCluster.UntilAsync(() => host.Status.SpilledSlices == 0, $"nothing rides: {host.Status.SpillReason}");
        Assert.That(Spilled(host.Store), Is.Empty);
        Assert.That(host.Status.SpillReason, Is.Empty);
        var verified = await host.VerifyAsync(null, default);
        Assert.That(verified.Differences, Is.Empty);
        Assert.That(verified.SlicesSpilled, Is.Zero);
    }

    private async Task HoldAsync(int node, Func<INodeRequests, HeldNode> hold)
    {
        await _cluster[node].StopAsync();
        _cluster[node].Through = requests => hold(requests);
        await _cluster[node].StartAsync();
    }

    private Task<VolumeHost> OpenAsync(Func<ReplicationOptions, ReplicationOptions>? change = null) => _cluster.OpenAsync(options =>
    {
        var nodes = options.Nodes.Select((node, at) => node with { Witness = at == Witness });
        options = options with { Nodes = [.. nodes], DiscardDelay = TimeSpan.FromMilliseconds(100) };
        return change?.Invoke(options) ?? options;
    });

    private async Task ComeBackAsync(VolumeHost host, int node, bool emptied)
    {
        if (emptied) _cluster[node].Empty();
        await _cluster[node].StartAsync();
        await TestCluster.UntilAsync(() => host.Status.Nodes.All(standing => standing.State == "up"), "the node is back");
        await DrainedAsync(host);
        await TestCluster.UntilAsync(() => host.Status.Nodes[node].OwedSlices == 0, "nothing is owed");
    }

    private async Task WriteAsync(IVolumeStore store, int bytes) => _written.Add(await TestCluster.WriteAsync(store, bytes, _seed++));

    private async Task CheckAsync(IVolumeStore store)
    {
        foreach (var (slice, bytes) in _written) await TestCluster.CheckAsync(store, slice, bytes);
    }
}
