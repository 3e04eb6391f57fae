using Gateway.Replication.Standby;
using Gateway.Replication.Store;
using Gateway.Replication.Tests.Owner;

namespace Gateway.Replication.Tests.Standby;

/// <summary>Gateways that share a volume on three nodes with real disks, and what may happen to them.</summary>
public sealed class VolumeSeatTests
{
    private readonly List<TestGateway> _gateways = [];
    private TestCluster _cluster = null!;

    [SetUp]
    public async Task SetUp()
    {
        _cluster = new TestCluster();
        await _cluster.StartNodesAsync();
    }

    [TearDown]
    public async Task TearDown()
    {
        await Task.WhenAll(_gateways.Select(gateway => gateway.DisposeAsync().AsTask()));
        _gateways.Clear();
        await _cluster.DisposeAsync();
    }

    [Test]
    public async Task One_of_two_owns_a_new_volume_and_the_other_stands_by_level()
    {
        var (owner, standby) = await StartTwoAsync();
        for (var at = 0; at < 50; at++) await TestCluster.PutAsync(owner.Server.Serving!.Store, $"k{at}", [(byte)at]);
        await LevelAsync(standby, owner);
        Assert.That(standby.Serves, Is.False);
        Assert.That(owner.Status.Role, Is.EqualTo("owner"));
        Assert.That(owner.Status.LastTakeover, Has.Property("Cause").EqualTo("firstOwner"));
        await TestCluster.UntilAsync(() => standby.Status.Owner == owner.Name, "the standby knows who serves");
    }

    [Test]
    public async Task The_standby_goes_on_when_the_owner_is_killed()
    {
        var (owner, standby) = await StartTwoAsync();
        await using var client = new CountedClient("a", _gateways);
        client.Start();
        await AcknowledgedAsync(client, 200);
        owner.Kill();
        await TestCluster.UntilAsync(() => standby.Serves, "the standby serves");
        await AcknowledgedAsync(client, client.Acknowledged + 200);
        await client.StopAsync();
        client.Check(standby.Server.Serving!.Store);
        Assert.That(standby.Status.LastTakeover!.Cause, Is.EqualTo("silent"));
        Show(client, standby);

        // The dead one holds nothing up: it knows by itself that it is over.
        await TestCluster.UntilAsync(() => owner.Server.Stops.Count == 1, "its server has ended");
        Assert.That(owner.Server.Stops, Is.EqualTo(new[] { ServerStop.LeaseLost }));
    }

    [Test]
    public async Task An_owner_that_was_paused_answers_nothing_when_it_wakes_and_stands_by()
    {
        var (owner, standby) = await StartTwoAsync();
        await using var client = new CountedClient("a", _gateways);
        client.Start();
        await AcknowledgedAsync(client, 100);
        var paused = owner.Server.Serving!.Store;
        owner.Pause();
        await TestCluster.UntilAsync(() => standby.Serves, "the standby serves");
        await AcknowledgedAsync(client, client.Acknowledged + 100);

        var late = paused.ExecuteAsync(new TestCluster.PutRow("late", [1])).AsTask();
        var read = paused.ConfirmReadAsync().AsTask();
        owner.Resume();
        Assert.That(await late, Is.EqualTo(StoreOutcome.Unavailable));
        Assert.That(await read, Is.EqualTo(StoreOutcome.Unavailable));
        await LevelAsync(owner, standby);
        Assert.That(owner.Server.Stops, Is.EqualTo(new[] { ServerStop.Fenced }));
        await client.StopAsync();
        client.Check(standby.Server.Serving!.Store);
        Assert.That(TestCluster.Get(standby.Server.Serving!.Store, "late"), Is.Null);
        Show(client, standby);
    }

    [Test]
    public async Task An_owner_cut_off_from_the_nodes_learns_from_the_control_plane_that_it_is_over()
    {
        var (owner, standby) = await StartTwoAsync();
        await using var client = new CountedClient("a", _gateways);
        client.Start();
        await AcknowledgedAsync(client, 100);
        owner.CutNodes();
        await TestCluster.UntilAsync(() => standby.Serves, "the standby serves");
        await TestCluster.UntilAsync(() => owner.Server.Stops.Count == 1, "the server of the old owner has ended");
        Assert.That(owner.Server.Stops, Is.EqualTo(new[] { ServerStop.Fenced }));
        owner.MendNodes();
        await LevelAsync(owner, standby);
        await client.StopAsync();
        client.Check(standby.Server.Serving!.Store);
        Show(client, standby);
    }

    [Test]
    public async Task An_owner_cut_off_from_the_control_plane_goes_on_and_nobody_takes_the_volume()
    {
        var (owner, standby) = await StartTwoAsync();
        await TestCluster.UntilAsync(() => standby.Status.Owner == owner.Name, "the owner has announced itself");
        await using var client = new CountedClient("a", _gateways);
        client.Start();
        owner.Control.Cut();
        await TestCluster.UntilAsync(() => standby.Status.Owner is null, "its presence has ended");
        await AcknowledgedAsync(client, client.Acknowledged + 500);
        Assert.That(owner.Serves, Is.True);
        Assert.That(owner.Status.Epoch, Is.EqualTo(1));
        Assert.That(standby.Status.Role, Is.EqualTo("standby"));

        // The client goes on writing: it is level again and again, not at any moment.
        await TestCluster.UntilAsync(() => standby.StandsBy, "the standby is level");
        owner.Control.Mend();
        await TestCluster.UntilAsync(() => standby.Status.Owner == owner.Name, "it has announced itself again");
        await client.StopAsync();
        Assert.That(client.Unknown, Is.Zero);
        client.Check(owner.Server.Serving!.Store);
    }

    [Test]
    public async Task An_owner_cut_off_from_everything_stops_and_returns()
    {
        var (owner, standby) = await StartTwoAsync();
        await using var client = new CountedClient("a", _gateways);
        client.Start();
        await AcknowledgedAsync(client, 100);
        owner.CutNodes();
        owner.Control.Cut();
        await TestCluster.UntilAsync(() => standby.Serves, "the standby serves");
        await TestCluster.UntilAsync(() => owner.Server.Stops.Count == 1, "the server of the old owner has ended");
        Assert.That(owner.Server.Stops, Is.EqualTo(new[] { ServerStop.LeaseLost }));
        owner.Control.Mend();
        owner.MendNodes();
        await LevelAsync(owner, standby);
        await client.StopAsync();
        client.Check(standby.Server.Serving!.Store);
    }

    [Test]
    public async Task Without_a_majority_of_nodes_the_owner_waits_and_goes_on()
    {
        var (owner, standby) = await StartTwoAsync();
        foreach (var node in new[] { 0, 1 }) await _cluster[node].StopAsync();
        await TestCluster.UntilAsync(() => owner.Status.State == "waiting", "the lease is over");
        await Task.Delay(TimeSpan.FromSeconds(6));
        Assert.That(owner.Server.Stops, Is.Empty, "The record names it, so nobody else owns the volume.");
        foreach (var node in new[] { 0, 1 }) await _cluster[node].StartAsync();
        await TestCluster.UntilAsync(() => owner.Serves && owner.Status.State == "serving", "the owner goes on");
        await TestCluster.PutAsync(owner.Server.Serving!.Store, "after", [1]);
        await LevelAsync(standby, owner);
    }

    [Test]
    public async Task A_volume_moves_under_load_without_an_error_and_clients_need_send_nothing_again()
    {
        var (owner, standby) = await StartTwoAsync();
        var clients = Enumerable.Range(0, 4).Select(at => new CountedClient($"c{at}", _gateways)).ToArray();
        foreach (var client in clients) client.Start();
        var verifier = owner.Server.Serving!.Store.WriteVerifier;
        foreach (var (from, to) in new[] { (owner, standby), (standby, owner), (owner, standby) })
        {
            foreach (var client in clients) await AcknowledgedAsync(client, client.Acknowledged + 100);
            await TestCluster.UntilAsync(() => to.StandsBy, "the target is level");
            Assert.That(await MoveAsync(from, to.Name), Is.EqualTo(MoveOutcome.Moved));
            Assert.That((from.Serves, to.Serves), Is.EqualTo((false, true)));
            Assert.That(to.Server.Serving!.Store.WriteVerifier, Is.EqualTo(verifier));
            Assert.That(to.Status.LastTakeover!.Cause, Is.EqualTo("released"));
            Show(clients[0], to);
        }

        foreach (var client in clients) await client.StopAsync();
        foreach (var client in clients)
        {
            client.Check(standby.Server.Serving!.Store);
            Assert.That(client.Unknown, Is.Zero);
        }

        Assert.That(owner.Server.Stops.Concat(standby.Server.Stops), Is.All.EqualTo(ServerStop.HandOver));
    }

    [Test]
    public async Task What_was_not_flushed_at_a_hand_over_is_sent_again()
    {
        var (owner, standby) = await StartTwoAsync();
        var verifier = owner.Server.Serving!.Store.WriteVerifier;
        owner.Server.FlushesAll = false;
        Assert.That(await MoveAsync(owner, standby.Name), Is.EqualTo(MoveOutcome.Moved));
        Assert.That(standby.Server.Serving!.Store.WriteVerifier, Is.Not.EqualTo(verifier));
    }

    [Test]
    public async Task A_move_to_nobody_is_refused()
    {
        var (owner, _) = await StartTwoAsync();
        Assert.That(await MoveAsync(owner, "nobody"), Is.EqualTo(MoveOutcome.NotThere));
        Assert.That(await MoveAsync(owner, owner.Name), Is.EqualTo(MoveOutcome.Moved));
        Assert.That(owner.Server.Stops, Is.Empty);
    }

    [Test]
    public async Task The_owner_takes_the_volume_back_when_the_other_does_not_take_it()
    {
        var (owner, standby) = await StartTwoAsync();

        // Cut off, it cannot take anything; its presence stays a while.
        standby.Control.Cut();
        var moving = MoveAsync(owner, standby.Name);
        await TestCluster.UntilAsync(() => owner.Server.Stops.Count == 1, "the owner has handed over");
        await TestCluster.UntilAsync(() => owner.Serves, "it has taken the volume back");
        Assert.That(owner.Server.Stops, Is.EqualTo(new[] { ServerStop.HandOver }));
        await TestCluster.PutAsync(owner.Server.Serving!.Store, "after", [1]);
        Assert.That(await moving, Is.EqualTo(MoveOutcome.NotTaken));
        standby.Control.Mend();
        await LevelAsync(standby, owner);
        Assert.That(owner.Serves, Is.True);
    }

    [Test]
    public async Task A_gateway_that_takes_its_time_to_take_a_volume_is_waited_for()
    {
        var (owner, standby) = await StartTwoAsync();
        var slow = new TaskCompletionSource();
        standby.Control.Changes = slow.Task;
        var moving = MoveAsync(owner, standby.Name);
        await TestCluster.UntilAsync(() => standby.Status.Role == "taking", "it is on its way");
        await Task.Delay(500);
        Assert.That(owner.Serves, Is.False, "The owner has taken it back at once.");
        slow.SetResult();
        Assert.That(await moving, Is.EqualTo(MoveOutcome.Moved));
        Assert.That(standby.Serves, Is.True);
    }

    [Test]
    public async Task A_volume_that_is_abandoned_is_taken_as_after_a_crash()
    {
        var (owner, standby) = await StartTwoAsync();
        Assert.That(standby.Seat.TryAbandon(), Is.False);
        Assert.That(owner.Seat.TryAbandon(), Is.True);
        await TestCluster.UntilAsync(() => standby.Serves, "the standby serves");
        Assert.That(owner.Server.Stops, Is.EqualTo(new[] { ServerStop.Abandoned }));
        Assert.That(standby.Status.LastTakeover!.Cause, Is.EqualTo("silent"));
        await LevelAsync(owner, standby);
    }

    [Test]
    public async Task A_volume_that_is_abandoned_is_free_before_its_server_has_closed()
    {
        var (owner, standby) = await StartTwoAsync();
        var closed = new TaskCompletionSource();
        owner.Server.Closing = closed.Task;
        Assert.That(owner.Seat.TryAbandon(), Is.True);
        await TestCluster.UntilAsync(() => standby.Serves, "the standby serves");
        Assert.That(owner.Status.Role, Is.EqualTo("owner"), "Its server is not closed yet.");
        closed.SetResult();
        await LevelAsync(owner, standby);
    }

    [Test]
    public async Task A_wanted_gateway_that_has_left_a_volume_gets_it_back_when_it_would_take_it()
    {
        var (owner, standby) = await StartTwoAsync();
        Assert.That(await MoveAsync(owner, standby.Name), Is.EqualTo(MoveOutcome.Moved));
        var before = standby.Status.Epoch;
        Assert.That(standby.Seat.TryAbandon(), Is.True);
        await TestCluster.UntilAsync(() => owner.Serves, "the other one serves");
        await TestCluster.UntilAsync(() => standby.Serves, "the wanted one serves again");
        Assert.That(standby.Status.Epoch, Is.EqualTo(before + 2), "It was handed over once.");
        Assert.That(owner.Server.Stops, Is.EqualTo(new[] { ServerStop.HandOver, ServerStop.HandOver }));
    }

    [Test]
    public async Task An_orderly_stop_leaves_the_volume_to_the_standby_at_once()
    {
        var (owner, standby) = await StartTwoAsync();
        var verifier = owner.Server.Serving!.Store.WriteVerifier;
        await owner.Seat.StopAsync();
        await TestCluster.UntilAsync(() => standby.Serves, "the standby serves");
        Assert.That(owner.Server.Stops, Is.EqualTo(new[] { ServerStop.Shutdown }));
        Assert.That(standby.Status.LastTakeover, Has.Property("Cause").EqualTo("released")
            .And.Property("LeaseMilliseconds").LessThan(100), "Nobody waits for a lease that was given up.");
        Assert.That(standby.Server.Serving!.Store.WriteVerifier, Is.EqualTo(verifier));
    }

    [Test]
    public async Task Of_many_standbys_one_takes_over_and_the_others_give_way()
    {
        for (var at = 0; at < 4; at++) Add($"gw{at}");
        foreach (var gateway in _gateways) gateway.Start();
        var alive = _gateways.ToList();
        while (alive.Count > 1)
        {
            await TestCluster.UntilAsync(() => alive.Count(gateway => gateway.Serves) == 1, "one serves");
            var owner = alive.Single(gateway => gateway.Serves);
            await TestCluster.PutAsync(owner.Server.Serving!.Store, $"by/{owner.Name}", [1]);
            foreach (var standby in alive.Where(other => other != owner)) await LevelAsync(standby, owner);
            owner.Kill();
            alive.Remove(owner);
        }

        await TestCluster.UntilAsync(() => alive[0].Serves, "the last one serves");
        foreach (var dead in _gateways.Where(gateway => gateway != alive[0]))
            Assert.That(TestCluster.Get(alive[0].Server.Serving!.Store, $"by/{dead.Name}"), Is.Not.Null);
        Assert.That(alive[0].Status.Epoch, Is.LessThanOrEqualTo(8), "Four owners, and hardly any try in vain.");
    }

    [Test]
    public async Task A_standby_that_was_away_while_the_journal_was_trimmed_restores_a_checkpoint()
    {
        var (owner, standby) = await StartTwoAsync();
        await standby.Seat.StopAsync();
        var host = owner.Server.Serving!;
        for (var round = 0; round < 4; round++)
        {
            await TestCluster.PutAsync(host.Store, $"k{round}", [(byte)round]);
            var bulk = Enumerable.Range(0, 160)
                .Select(at => TestCluster.PutAsync(host.Store, $"bulk{at}", new byte[30_000]));
            await Task.WhenAll(bulk);
            Assert.That(await host.CheckpointAsync());
        }

        var back = Add("gw3");
        back.Start();
        await LevelAsync(back, owner);
        Assert.That(owner.Status.CheckpointIndex, Is.GreaterThan(0));
        owner.Kill();
        await TestCluster.UntilAsync(() => back.Serves, "it serves");
        for (var round = 0; round < 4; round++)
            Assert.That(TestCluster.Get(back.Server.Serving!.Store, $"k{round}"), Is.EqualTo(new[] { (byte)round }));
        Assert.That(back.Status.LastTakeover!.FetchMilliseconds, Is.LessThan(2000));
    }

    [Test]
    public async Task Rows_of_another_history_are_built_anew()
    {
        var (owner, standby) = await StartTwoAsync();
        await TestCluster.PutAsync(owner.Server.Serving!.Store, "a", [1]);
        await LevelAsync(standby, owner);
        var directory = _cluster.DirectoryOf("rows-gw3");
        PlantedRows.Write(directory, "planted", owner.Status.CommitIndex - 1);
        var third = Add("gw3");
        third.Start();
        await LevelAsync(third, owner);
        Assert.That(await MoveAsync(owner, third.Name), Is.EqualTo(MoveOutcome.Moved));
        Assert.That(TestCluster.Get(third.Server.Serving!.Store, "planted"), Is.Null);
        Assert.That(TestCluster.Get(third.Server.Serving!.Store, "a"), Is.EqualTo(new byte[] { 1 }));
    }

    private static async Task<MoveOutcome> MoveAsync(TestGateway asked, string to)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(60));
        return await asked.Seat.MoveAsync(to, timeout.Token);
    }

    private static Task AcknowledgedAsync(CountedClient client, int count) =>
        TestCluster.UntilAsync(() => client.Acknowledged >= count, $"{count} operations are acknowledged");

    private static Task LevelAsync(TestGateway standby, TestGateway owner) => TestCluster.UntilAsync(
        () => standby.StandsBy && standby.Status.AppliedIndex >= owner.Status.CommitIndex,
        $"{standby.Name} is level: {standby.Status} {owner.Status}");

    private static void Show(CountedClient client, TestGateway owner) => TestContext.Out.WriteLine(
        $"{owner.Name}: gap {client.LongestGap.TotalMilliseconds:F0} ms, {owner.Status.LastTakeover}");

    private async Task<(TestGateway Owner, TestGateway Standby)> StartTwoAsync()
    {
        var (first, second) = (Add("gw1"), Add("gw2"));
        first.Start();
        second.Start();
        await TestCluster.UntilAsync(() => first.Serves || second.Serves, "one serves");
        var (owner, standby) = first.Serves ? (first, second) : (second, first);
        await LevelAsync(standby, owner);
        await ReadyAsync(standby);
        return (owner, standby);
    }

    // Told to the others, who hand nothing to it before.
    private Task ReadyAsync(TestGateway standby) => TestCluster.UntilAsync(
        async () => await _cluster.Control.ReadAsync(VolumeKeys.StandbyOf("files", standby.Name), default) is { } told
            && ControlJson.Read<StandbyPresence>(told.Json)!.Ready,
        $"{standby.Name} is ready");

    private TestGateway Add(string name)
    {
        var gateway = new TestGateway(name, _cluster, _cluster.Control, _cluster.DirectoryOf($"rows-{name}"));
        _gateways.Add(gateway);
        return gateway;
    }
}
