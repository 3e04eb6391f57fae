using Gateway.Replication.Owner;
using Gateway.Replication.Slices;
using Gateway.Replication.Store;
using Gateway.Replication.Wire;

namespace Gateway.Replication.Tests.Owner;

/// <summary>A volume over three nodes with disks of their own, and what may happen to them.</summary>
public sealed class VolumeHostTests
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
    public async Task What_was_written_is_there_after_a_clean_restart_that_waits_for_no_lease()
    {
        var host = await _cluster.OpenAsync();
        await TestCluster.PutAsync(host.Store, "a", [1, 2, 3]);
        var (slice, bytes) = await TestCluster.WriteAsync(host.Store, 3_000_000, 1);
        await host.StopAsync();
        Assert.That(await host.Stopped, Is.EqualTo(JournalStop.Closed));

        var again = await _cluster.OpenAsync();
        Assert.That(again.LeaseWait, Is.LessThan(TimeSpan.FromSeconds(0.5)));
        Assert.That(again.Store.Epoch, Is.EqualTo(2));
        Assert.That(TestCluster.Get(again.Store, "a"), Is.EqualTo(new byte[] { 1, 2, 3 }));
        await TestCluster.CheckAsync(again.Store, slice, bytes);
        Assert.That(await again.Store.ConfirmReadAsync(), Is.EqualTo(StoreOutcome.Ok));
        Assert.That(again.Status.State, Is.EqualTo("serving"));
    }

    [Test]
    public async Task A_stopped_node_stops_nobody_and_is_brought_level_when_it_is_back()
    {
        var host = await _cluster.OpenAsync();
        await TestCluster.WriteAsync(host.Store, 100_000, 1);
        await _cluster[1].StopAsync();
        var written = new List<(SliceRef Slice, byte[] Bytes)>();
        for (var seed = 2; seed < 8; seed++) written.Add(await TestCluster.WriteAsync(host.Store, 200_000, seed));
        await TestCluster.PutAsync(host.Store, "b", [4]);
        await TestCluster.UntilAsync(() => Node(host, 1).OwedSlices >= 6, "the slices are owed");
        foreach (var (slice, bytes) in written) await TestCluster.CheckAsync(host.Store, slice, bytes);
        await TestCluster.UntilAsync(() => OwedRows(host.Store) >= 6, "the ledger is in the rows");

        await _cluster[1].StartAsync();
        await TestCluster.UntilAsync(() => IsLevel(host), "the node is level");
        await TestCluster.UntilAsync(() => OwedRows(host.Store) == 0, "the ledger is empty again");
        var verified = await host.VerifyAsync(null, default);
        Assert.That(verified.Differences, Is.Empty);
        Assert.That(verified.SlicesChecked, Is.EqualTo(7));
        Assert.That(verified.EntriesChecked, Is.GreaterThan(7));
    }

    [Test]
    public async Task An_emptied_node_is_filled_again()
    {
        var host = await _cluster.OpenAsync();
        var written = new List<(SliceRef Slice, byte[] Bytes)>();
        for (var seed = 0; seed < 5; seed++) written.Add(await TestCluster.WriteAsync(host.Store, 150_000, seed));
        await _cluster[2].StopAsync();
        _cluster[2].Empty();
        await _cluster[2].StartAsync();
        await TestCluster.PutAsync(host.Store, "c", [5]);
        await TestCluster.UntilAsync(() => IsLevel(host) && Node(host, 2).SliceCount == 5, "the node is full again");
        var verified = await host.VerifyAsync(null, default);
        Assert.That(verified.Differences, Is.Empty);

        // It counts as a member like before: the volume lives on it and one other.
        await _cluster[0].StopAsync();
        await TestCluster.PutAsync(host.Store, "d", [6]);
        foreach (var (slice, bytes) in written) await TestCluster.CheckAsync(host.Store, slice, bytes);
    }

    [Test]
    public async Task A_second_owner_fences_the_first()
    {
        var first = await _cluster.OpenAsync();
        await TestCluster.PutAsync(first.Store, "a", [1]);
        _cluster.LoseRows();
        var second = await _cluster.OpenAsync();
        Assert.That(await first.Stopped.WaitAsync(TimeSpan.FromSeconds(30)), Is.EqualTo(JournalStop.Fenced));
        Assert.That(
            await first.Store.ExecuteAsync(new TestCluster.PutRow("x", [9])), Is.EqualTo(StoreOutcome.Unavailable));
        Assert.That(await first.Store.ConfirmReadAsync(), Is.EqualTo(StoreOutcome.Unavailable));
        Assert.That((await first.Store.WriteSliceAsync(new byte[100])).Outcome, Is.EqualTo(StoreOutcome.Unavailable));
        Assert.That(TestCluster.Get(second.Store, "a"), Is.EqualTo(new byte[] { 1 }));
        Assert.That(TestCluster.Get(second.Store, "x"), Is.Null);
        await TestCluster.PutAsync(second.Store, "b", [2]);
    }

    [Test]
    public async Task Without_a_majority_nothing_is_acknowledged_and_with_it_all_goes_on()
    {
        var host = await _cluster.OpenAsync(options => options with { SliceWriteTimeout = TimeSpan.FromSeconds(10) });
        await TestCluster.PutAsync(host.Store, "a", [1]);
        await _cluster[0].StopAsync();
        await _cluster[1].StopAsync();
        var row = host.Store.ExecuteAsync(new TestCluster.PutRow("b", [2])).AsTask();
        var slice = host.Store.WriteSliceAsync(new byte[1000]).AsTask();
        await TestCluster.UntilAsync(() => host.Status.State == "waiting", "the lease runs out");
        Assert.That(row.IsCompleted || slice.IsCompleted, Is.False);
        await _cluster[0].StartAsync();
        Assert.That(await row, Is.EqualTo(StoreOutcome.Ok));
        Assert.That((await slice).Outcome, Is.EqualTo(StoreOutcome.Ok));
        Assert.That(await host.Store.ConfirmReadAsync(), Is.EqualTo(StoreOutcome.Ok));
    }

    [Test]
    public async Task Verify_finds_a_planted_difference_and_heal_mends_it_after_the_next_comparison()
    {
        var host = await _cluster.OpenAsync();
        var (slice, bytes) = await TestCluster.WriteAsync(host.Store, 70_000, 1);
        var volume = (await new Gateway.Replication.Control.VolumeRecords(_cluster.Control)
            .ReadAsync("files", default))!.Record.VolumeId;
        await TestCluster.UntilAsync(() => IsLevel(host), "all nodes have it");
        await _cluster[1].Requests.DiscardSlicesAsync(
            new DiscardSlicesRequest(volume, host.Store.Epoch, new[] { slice.Id }), default);
        var verified = await host.VerifyAsync(null, default);
        Assert.That(
            verified.Differences, Is.EqualTo(new[] { new VerifyDifference("n1", $"slice {slice.Id}", "is missing") }));
        Assert.That((await host.VerifyAsync([slice], default)).Clean, Is.False);
        await TestCluster.CheckAsync(host.Store, slice, bytes);
    }

    [Test]
    public async Task Freed_slices_leave_the_nodes()
    {
        var host = await _cluster.OpenAsync(options => options with { DiscardDelay = TimeSpan.FromMilliseconds(10) });
        var (slice, _) = await TestCluster.WriteAsync(host.Store, 70_000, 1);
        await TestCluster.UntilAsync(() => host.Status.Nodes.All(node => node.SliceCount == 1), "all nodes have it");
        Assert.That(await host.Store.ExecuteAsync(new TestCluster.Free(slice)), Is.EqualTo(StoreOutcome.Ok));
        await TestCluster.UntilAsync(() => host.Status.Nodes.All(node => node.SliceCount == 0), "no node has it");
    }

    [Test]
    public async Task Orphans_of_an_earlier_owner_are_freed()
    {
        var host = await _cluster.OpenAsync();
        Assert.That((await host.Store.WriteSliceAsync(new byte[5000])).Outcome, Is.EqualTo(StoreOutcome.Ok));
        var (kept, bytes) = await TestCluster.WriteAsync(host.Store, 6000, 1);
        await host.StopAsync();

        var next = await _cluster.OpenAsync();
        await TestCluster.UntilAsync(() => next.Status.Nodes.All(node => node.SliceCount == 1), "the orphan is gone");
        Assert.That(next.Status.OrphansFreed, Is.EqualTo(3));
        await TestCluster.CheckAsync(next.Store, kept, bytes);
    }

    [Test]
    public async Task A_damaged_copy_is_answered_from_another_node_and_repaired()
    {
        var host = await _cluster.OpenAsync();
        var written = new List<(SliceRef Slice, byte[] Bytes)>();
        for (var seed = 0; seed < 6; seed++) written.Add(await TestCluster.WriteAsync(host.Store, 300_000, seed));
        await host.StopAsync();
        await _cluster[0].StopAsync();
        NodeFiles.FlipInside(_cluster[0].DataDirectory, written[3].Bytes.AsSpan(100_000, 64));
        await _cluster[0].StartAsync();

        var again = await _cluster.OpenAsync();
        for (var round = 0; round < 2; round++)
        {
            foreach (var (slice, bytes) in written) await TestCluster.CheckAsync(again.Store, slice, bytes);
        }

        await again.ScrubAsync(default);
        await TestCluster.UntilAsync(
            () => Node(again, 0) is { DamageFound: >= 1, DamageRepaired: >= 1 } && IsLevel(again), "it is repaired");
        Assert.That((await again.VerifyAsync(null, default)).Differences, Is.Empty);
    }

    [Test]
    public async Task Lost_rows_are_rebuilt_from_checkpoint_and_journal()
    {
        var host = await _cluster.OpenAsync();
        for (var at = 0; at < 50; at++) await TestCluster.PutAsync(host.Store, $"k{at}", [(byte)at]);
        Assert.That(await host.CheckpointAsync());
        await TestCluster.PutAsync(host.Store, "between", [1]);
        Assert.That(await host.CheckpointAsync());
        await TestCluster.PutAsync(host.Store, "after", [2]);
        Assert.That(await host.CheckpointAsync());
        await TestCluster.PutAsync(host.Store, "last", [3]);
        await host.StopAsync();

        _cluster.LoseRows();
        var again = await _cluster.OpenAsync();
        for (var at = 0; at < 50; at++)
            Assert.That(TestCluster.Get(again.Store, $"k{at}"), Is.EqualTo(new[] { (byte)at }));
        Assert.That(TestCluster.Get(again.Store, "between"), Is.EqualTo(new byte[] { 1 }));
        Assert.That(TestCluster.Get(again.Store, "after"), Is.EqualTo(new byte[] { 2 }));
        Assert.That(TestCluster.Get(again.Store, "last"), Is.EqualTo(new byte[] { 3 }));
        Assert.That((await again.VerifyAsync(null, default)).Differences, Is.Empty);
    }

    private static NodeStanding Node(VolumeHost host, int node) => host.Status.Nodes[node];

    private static bool IsLevel(VolumeHost host)
    {
        var status = host.Status;
        return status.Nodes.All(node =>
            node.State == "up" && node.OwedSlices == 0 && node.MatchIndex >= status.CommitIndex);
    }

    private static int OwedRows(IVolumeStore store)
    {
        using var snapshot = store.OpenSnapshot();
        return SystemRows.ReadOwed(snapshot, 1000).Count;
    }
}
