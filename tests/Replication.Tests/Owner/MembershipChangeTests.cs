using Gateway.Replication.Owner;
using Gateway.Replication.Slices;
using Gateway.Replication.Store;

namespace Gateway.Replication.Tests.Owner;

/// <summary>Volumes whose members change while they are written, on nodes with real disks.</summary>
public sealed class MembershipChangeTests
{
    private readonly List<(SliceRef Slice, byte[] Bytes)> _written = [];
    private TestCluster _cluster = null!;
    private int _seed;

    [SetUp]
    public async Task SetUp()
    {
        _cluster = new TestCluster(nodes: 5);
        await _cluster.StartNodesAsync();
        _written.Clear();
        _seed = 0;
    }

    [TearDown]
    public async Task TearDown() => await _cluster.DisposeAsync();

    [Test]
    public async Task One_member_becomes_five_and_three_again_while_the_volume_is_written()
    {
        var host = await OpenAsync(1);
        using var stop = new CancellationTokenSource();
        var writing = WriteUntilAsync(host.Store, stop.Token);
        for (var joining = 1; joining < 5; joining++) await ChangeAsync(host, joins: $"n{joining}");
        Assert.That(Members(host), Is.EqualTo(new[] { "n0", "n1", "n2", "n3", "n4" }));
        await ChangeAsync(host, leaves: "n0");
        await ChangeAsync(host, leaves: "n2");
        await stop.CancelAsync();
        await writing;

        Assert.That(Members(host), Is.EqualTo(new[] { "n1", "n3", "n4" }));
        Assert.That(_written, Has.Count.GreaterThan(10));
        await CheckAsync(host);

        // Who left is not needed any more, and was told so.
        await _cluster[0].StopAsync();
        await _cluster[2].StopAsync();
        await CheckAsync(host);
    }

    [Test]
    public async Task A_dead_member_is_replaced()
    {
        var host = await OpenAsync(3);
        await WriteAsync(host.Store);
        await _cluster[2].StopAsync();
        await WriteAsync(host.Store);
        await ChangeAsync(host, joins: "n3", leaves: "n2");
        await CheckAsync(host);

        // Level with the new one: now another may be lost.
        await _cluster[1].StopAsync();
        await WriteAsync(host.Store);
        foreach (var (slice, bytes) in _written) await TestCluster.CheckAsync(host.Store, slice, bytes);
    }

    [Test]
    public async Task Another_owner_goes_on_where_the_first_one_was()
    {
        var first = await OpenAsync(3);
        for (var slice = 0; slice < 4; slice++) await WriteAsync(first.Store);
        var (hangs, heldUp) = (new TaskCompletionSource(), new TaskCompletionSource());
        await _cluster[3].StopAsync();
        _cluster[3].Through = requests => new HeldNode(requests) { Gate = hangs.Task, HeldUp = heldUp };
        await _cluster[3].StartAsync();
        Assert.That(await first.ChangeMembersAsync(new MemberRequest { Joins = "n3", Leaves = "n0" }, default), Is.Null);
        await heldUp.Task.WaitAsync(TimeSpan.FromSeconds(60));
        await TestCluster.UntilAsync(() => first.Status.Change?.Phase == "copying", "only the slices are missing");
        Assert.That(first.Status.Change?.BytesLeft, Is.Positive);

        // The first one hears nothing of it until it is fenced.
        _cluster.LoseRows();
        var second = await OpenAsync(3);
        Assert.That(second.Status.Change?.Members, Is.EqualTo(new[] { "n1", "n2", "n3" }));
        hangs.SetResult();
        await TestCluster.UntilAsync(() => second.Status.Change is null, "the change is finished");
        Assert.That(Members(second), Is.EqualTo(new[] { "n1", "n2", "n3" }));
        await CheckAsync(second);
    }

    [Test]
    public async Task What_is_wanted_stands_in_the_record_until_the_node_that_joins_is_there()
    {
        await _cluster[3].StopAsync();
        var first = await OpenAsync(3);
        Assert.That(await first.ChangeMembersAsync(new MemberRequest { Joins = "n3" }, default), Is.Null);
        await TestCluster.UntilAsync(() => first.Status.Change?.Reason == "n3 does not answer", "it waits for the node");
        Assert.That(first.Status.Change!.Phase, Is.EqualTo("learning"));
        await first.StopAsync();

        _cluster.LoseRows();
        var second = await OpenAsync(3);
        await _cluster[3].StartAsync();
        await TestCluster.UntilAsync(() => second.Status.Change is null, "the change is finished");
        Assert.That(Members(second), Is.EqualTo(new[] { "n0", "n1", "n2", "n3" }));
    }

    [Test]
    public async Task A_change_is_given_up_in_the_middle()
    {
        var host = await OpenAsync(3);
        await WriteAsync(host.Store);
        var heldUp = new TaskCompletionSource();
        await _cluster[3].StopAsync();
        _cluster[3].Through = requests => new HeldNode(requests)
        {
            Gate = Task.Delay(Timeout.Infinite),
            HeldUp = heldUp,
        };
        await _cluster[3].StartAsync();
        await host.ChangeMembersAsync(new MemberRequest { Joins = "n3", Leaves = "n0" }, default);
        await heldUp.Task.WaitAsync(TimeSpan.FromSeconds(60));
        Assert.That(await host.ChangeMembersAsync(new MemberRequest { Cancels = true }, default), Is.Null);
        await TestCluster.UntilAsync(() => host.Status.Change is null, "the change is given up");
        Assert.That(Members(host), Is.EqualTo(new[] { "n0", "n1", "n2" }));
        await WriteAsync(host.Store);
        await CheckAsync(host);
        Assert.That(
            await host.ChangeMembersAsync(new MemberRequest { Cancels = true }, default),
            Is.EqualTo("the members are not being changed"));
    }

    // Two data nodes and a witness: the loss of either leaves a majority for the journal, which slices ride in then.
    [Test]
    public async Task A_witness_votes_and_takes_no_slices()
    {
        var host = await OpenAsync(2);
        await WriteAsync(host.Store);
        await ChangeAsync(host, joins: "n2", witness: true);
        await WriteAsync(host.Store);
        Assert.That(host.Status.Nodes.Single(node => node.Node == "n2").IsWitness);
        Assert.That(
            await host.ChangeMembersAsync(new MemberRequest { Joins = "n3", Leaves = "n1", Witness = true }, default),
            Is.EqualTo("more members would be witnesses than the loss of data nodes allows"));

        await _cluster[1].StopAsync();
        await TestCluster.PutAsync(host.Store, "goes on", [1]);
        await WriteAsync(host.Store);
        await TestCluster.UntilAsync(() => host.Status.SpilledSlices == 1, "it rides in the journal");
        await _cluster[1].StartAsync();
        await TestCluster.UntilAsync(() => host.Status.Nodes.All(node => node.State == "up"), "the node is back");
        await WriteAsync(host.Store);
        await CheckAsync(host);
        Assert.That(host.Status.Nodes.Single(node => node.Node == "n2").SliceCount, Is.Zero);
    }

    [Test]
    public async Task What_cannot_be_done_is_refused_and_changes_nothing()
    {
        var host = await OpenAsync(2);
        await RefusesAsync(host, new MemberRequest { Joins = "n1" }, "n1 is a member already");
        await RefusesAsync(host, new MemberRequest { Leaves = "n3" }, "n3 is no member");
        await RefusesAsync(host, new MemberRequest { Joins = "unknown" }, "nobody says where unknown is");
        await _cluster[3].StopAsync();
        Assert.That(await host.ChangeMembersAsync(new MemberRequest { Joins = "n3" }, default), Is.Null);
        await RefusesAsync(host, new MemberRequest { Joins = "n4" }, "the members are being changed already");
    }

    private static async Task RefusesAsync(VolumeHost host, MemberRequest request, string why) =>
        Assert.That(await host.ChangeMembersAsync(request, default), Is.EqualTo(why));

    private static string[] Members(VolumeHost host) =>
        [.. host.Status.Nodes.Where(node => !node.IsLearner).Select(node => node.Node).Order()];

    private static async Task ChangeAsync(VolumeHost host, string joins = "", string leaves = "", bool witness = false)
    {
        var request = new MemberRequest { Joins = joins, Leaves = leaves, Witness = witness };
        Assert.That(await host.ChangeMembersAsync(request, default), Is.Null);
        await TestCluster.UntilAsync(
            () => host.Status.Change is null, $"+{joins} -{leaves}: {host.Status.Change?.Reason}");
    }

    private Task<VolumeHost> OpenAsync(int members) => _cluster.OpenAsync(options => options with
    {
        Nodes = [.. options.Nodes.Take(members)],
        Resolver = new GivenNodes(options.Nodes),
    });

    private async Task WriteAsync(IVolumeStore store) =>
        _written.Add(await TestCluster.WriteAsync(store, 60_000, _seed++));

    private async Task WriteUntilAsync(IVolumeStore store, CancellationToken stop)
    {
        while (!stop.IsCancellationRequested)
        {
            await WriteAsync(store);
            await TestCluster.PutAsync(store, $"k{_seed}", [1]);
        }
    }

    private async Task CheckAsync(VolumeHost host)
    {
        await TestCluster.UntilAsync(
            () => host.Status.Nodes.All(node => node.OwedSlices == 0 || node.State == "down"), "nothing is owed");
        foreach (var (slice, bytes) in _written) await TestCluster.CheckAsync(host.Store, slice, bytes);
        Assert.That((await host.VerifyAsync(null, default)).Differences, Is.Empty);
    }
}
