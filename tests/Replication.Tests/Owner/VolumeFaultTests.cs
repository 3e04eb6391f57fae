using Gateway.Replication.Control;
using Gateway.Replication.Nodes;
using Gateway.Replication.Owner;
using Gateway.Replication.Slices;
using Gateway.Replication.Store;
using Gateway.Replication.Wire;

namespace Gateway.Replication.Tests.Owner;

/// <summary>Nodes that hang, fill up, break, stay away for long, and lose what all of them had.</summary>
public sealed class VolumeFaultTests
{
    private TestCluster _cluster = null!;

    [SetUp]
    public async Task SetUp()
    {
        _cluster = new TestCluster();
        await _cluster.StartNodesAsync();
    }

    [TearDown]
    public async Task TearDown() => await _cluster.DisposeAsync();

    [Test]
    public async Task A_node_that_hangs_holds_up_the_heal_of_no_other()
    {
        await using var cluster = new TestCluster(nodes: 5);
        await cluster.StartNodesAsync();
        var host = await cluster.OpenAsync();
        await TestCluster.PutAsync(host.Store, "a", [1]);
        foreach (var node in new[] { 3, 4 }) await cluster[node].StopAsync();
        for (var seed = 0; seed < 4; seed++) await TestCluster.WriteAsync(host.Store, 50_000, seed);
        await TestCluster.UntilAsync(() => Node(host, 3).OwedSlices + Node(host, 4).OwedSlices == 8, "all are owed");

        var (hangs, heldUp) = (new TaskCompletionSource(), new TaskCompletionSource());
        cluster[3].Through = requests => new HeldNode(requests) { Gate = hangs.Task, HeldUp = heldUp };
        await cluster[3].StartAsync();
        await heldUp.Task.WaitAsync(TimeSpan.FromSeconds(60));
        await cluster[4].StartAsync();
        await TestCluster.UntilAsync(() => Node(host, 4).SliceCount == 4, "the other node is healed");
        Assert.That(Node(host, 3).OwedSlices, Is.EqualTo(4));
        hangs.SetResult();
        await TestCluster.UntilAsync(() => IsLevel(host), "the node is healed when it goes on");
        Assert.That((await host.VerifyAsync(null, default)).Differences, Is.Empty);
    }

    [Test]
    public async Task A_node_that_was_away_while_the_journal_was_trimmed_gets_a_base_and_all_slices()
    {
        var host = await _cluster.OpenAsync();
        await TestCluster.PutAsync(host.Store, "before", [1]);
        await TestCluster.UntilAsync(() => IsLevel(host), "all nodes are level");
        var missed = Node(host, 2).MatchIndex;
        await _cluster[2].StopAsync();
        var written = new List<(SliceRef Slice, byte[] Bytes)>();
        for (var round = 0; round < 4; round++)
        {
            written.Add(await TestCluster.WriteAsync(host.Store, 80_000, round));
            await TestCluster.PutAsync(host.Store, $"k{round}", [(byte)round]);

            // More than a segment of the journal, which is trimmed in whole ones.
            var bulk = Enumerable.Range(0, 160)
                .Select(at => TestCluster.PutAsync(host.Store, $"bulk{at}", new byte[30_000]));
            await Task.WhenAll(bulk);
            Assert.That(await host.CheckpointAsync());
        }

        // A new owner does not have the entries in memory.
        await host.StopAsync();
        var again = await _cluster.OpenAsync();
        var volume = await VolumeIdAsync();
        foreach (var node in new[] { 0, 1 })
            await UntilBaseAsync(node, volume, missed);

        await _cluster[2].StartAsync();
        await TestCluster.UntilAsync(() => IsLevel(again), "the node is level");
        await UntilBaseAsync(2, volume, missed);
        Assert.That((await again.VerifyAsync(null, default)).Differences, Is.Empty);

        // It is as good as the others: rows can be rebuilt from it and one other.
        await again.StopAsync();
        await _cluster[0].StopAsync();
        _cluster.LoseRows();
        var last = await _cluster.OpenAsync();
        Assert.That(TestCluster.Get(last.Store, "before"), Is.EqualTo(new byte[] { 1 }));
        for (var round = 0; round < 4; round++)
            Assert.That(TestCluster.Get(last.Store, $"k{round}"), Is.EqualTo(new[] { (byte)round }));
        foreach (var (slice, bytes) in written) await TestCluster.CheckAsync(last.Store, slice, bytes);
    }

    [Test]
    public async Task Growth_is_refused_when_fewer_than_a_majority_has_space_and_removal_is_not()
    {
        var full = new HeldNode[2];
        for (var node = 0; node < 2; node++) full[node] = await HoldAsync(node, _ => { });
        var host = await _cluster.OpenAsync();
        var (slice, _) = await TestCluster.WriteAsync(host.Store, 50_000, 1);
        full[0].IsFull = true;
        await TestCluster.UntilAsync(() => Node(host, 0).AvailableBytes == 0, "the owner knows");
        var (second, _) = await TestCluster.WriteAsync(host.Store, 50_000, 2);

        full[1].IsFull = true;
        await TestCluster.UntilAsync(() => host.Status.Space.AvailableBytes == 0, "the volume is full");
        Assert.That(
            await host.Store.ExecuteAsync(new TestCluster.PutRow("a", [1])), Is.EqualTo(StoreOutcome.NoSpace));
        Assert.That((await host.Store.WriteSliceAsync(new byte[1000])).Outcome, Is.EqualTo(StoreOutcome.NoSpace));
        Assert.That(await host.Store.ExecuteAsync(new TestCluster.Free(slice)), Is.EqualTo(StoreOutcome.Ok));

        foreach (var node in full) node.IsFull = false;
        await TestCluster.UntilAsync(() => host.Status.Space.AvailableBytes > 0, "there is space again");
        await TestCluster.PutAsync(host.Store, "a", [1]);
        Assert.That(await host.Store.ExecuteAsync(new TestCluster.Free(second)), Is.EqualTo(StoreOutcome.Ok));
    }

    [Test]
    public async Task A_node_whose_device_failed_says_so_and_the_volume_goes_on()
    {
        var host = await _cluster.OpenAsync();
        await TestCluster.PutAsync(host.Store, "a", [1]);
        await _cluster[1].StopAsync();
        _cluster[1].Through = _ => new FailedNode("n1");
        await _cluster[1].StartAsync();
        await TestCluster.UntilAsync(() => Node(host, 1).State == "failed", "status names it");
        var (slice, bytes) = await TestCluster.WriteAsync(host.Store, 50_000, 1);
        await TestCluster.CheckAsync(host.Store, slice, bytes);
        Assert.That((await host.VerifyAsync(null, default)).Differences, Is.Not.Empty);
    }

    [Test]
    public async Task A_slice_damaged_on_every_node_is_named_and_can_be_removed()
    {
        var host = await _cluster.OpenAsync(options => options with { DiscardDelay = TimeSpan.FromMilliseconds(10) });
        var (lost, bytes) = await TestCluster.WriteAsync(host.Store, 300_000, 1);
        var (kept, keptBytes) = await TestCluster.WriteAsync(host.Store, 300_000, 2);
        await TestCluster.UntilAsync(() => host.Status.Nodes.All(node => node.SliceCount == 2), "all nodes have both");
        await host.StopAsync();
        for (var node = 0; node < 3; node++)
        {
            await _cluster[node].StopAsync();
            NodeFiles.FlipInside(_cluster[node].DataDirectory, bytes.AsSpan(100_000, 64));
            await _cluster[node].StartAsync();
        }

        var again = await _cluster.OpenAsync(
            options => options with { DiscardDelay = TimeSpan.FromMilliseconds(10) });
        Assert.That(
            await again.Store.ReadSliceAsync(lost, 0, new byte[bytes.Length]), Is.EqualTo(StoreOutcome.Damaged));
        await TestCluster.CheckAsync(again.Store, kept, keptBytes);
        var differences = (await again.VerifyAsync(null, default)).Differences;
        Assert.That(differences.Select(one => one.Node), Is.EquivalentTo(["n0", "n1", "n2"]));
        Assert.That(differences.Select(one => one.What), Is.All.EqualTo($"slice {lost.Id}"));
        Assert.That(differences.Select(one => one.Problem), Is.All.StartsWith("is damaged"));
        await TestCluster.UntilAsync(() => again.Status.Nodes.All(node => node.DamageFound > 0), "status counts it");

        Assert.That(await again.Store.ExecuteAsync(new TestCluster.Free(lost)), Is.EqualTo(StoreOutcome.Ok));
        await TestCluster.UntilAsync(() => again.Status.Nodes.All(node => node.SliceCount == 1), "it is gone");
        Assert.That((await again.VerifyAsync(null, default)).Differences, Is.Empty);
        await TestCluster.UntilAsync(() => IsLevel(again), "nothing is owed");
        await TestCluster.CheckAsync(again.Store, kept, keptBytes);
    }

    [Test]
    public async Task An_entry_damaged_on_two_of_three_nodes_is_repaired()
    {
        var host = await _cluster.OpenAsync();
        var value = new byte[500];
        new Random(7).NextBytes(value);
        await TestCluster.PutAsync(host.Store, "rotten", value);
        for (var at = 0; at < 20; at++) await TestCluster.PutAsync(host.Store, $"k{at}", [(byte)at]);
        await TestCluster.UntilAsync(() => IsLevel(host), "all nodes are level");
        foreach (var node in new[] { 0, 1 }) await _cluster[node].StopAsync();
        foreach (var node in new[] { 0, 1 })
        {
            NodeFiles.FlipInside(_cluster[node].DataDirectory, value.AsSpan(100, 64));
            await _cluster[node].StartAsync();
        }

        await TestCluster.UntilAsync(() => IsLevel(host), "both are level and complete again");
        foreach (var node in new[] { 0, 1 })
        {
            await TestCluster.UntilAsync(
                () => Node(host, node) is { DamagedEntries: 0, DamageFound: > 0, DamageRepaired: > 0 }, "it is counted");
        }

        Assert.That((await host.VerifyAsync(null, default)).Differences, Is.Empty);
        await host.StopAsync();
        await _cluster[2].StopAsync();
        _cluster.LoseRows();
        var again = await _cluster.OpenAsync();
        Assert.That(TestCluster.Get(again.Store, "rotten"), Is.EqualTo(value));
        Assert.That(TestCluster.Get(again.Store, "k19"), Is.EqualTo(new byte[] { 19 }));
    }

    private static NodeStanding Node(VolumeHost host, int node) => host.Status.Nodes[node];

    private static bool IsLevel(VolumeHost host)
    {
        var status = host.Status;
        return status.Nodes.All(node =>
            node.State == "up" && node.OwedSlices == 0 && node.MatchIndex >= status.CommitIndex);
    }

    private async Task<HeldNode> HoldAsync(int node, Action<HeldNode> change)
    {
        await _cluster[node].StopAsync();
        HeldNode? held = null;
        _cluster[node].Through = requests =>
        {
            held = new HeldNode(requests);
            change(held);
            return held;
        };
        await _cluster[node].StartAsync();
        return held!;
    }

    private async Task<Guid> VolumeIdAsync() =>
        (await new VolumeRecords(_cluster.Control).ReadAsync("files", default))!.Record.VolumeId;

    private async Task UntilBaseAsync(int node, Guid volume, ulong above)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        var request = new NodeConditionRequest(volume);
        while (_cluster[node].Requests.Condition(request).BaseIndex <= above)
            await Task.Delay(10, timeout.Token);
    }
}
