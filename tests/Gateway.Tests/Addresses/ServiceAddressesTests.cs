using System.Net;
using Gateway.Addresses;
using Gateway.FileSystem;
using Gateway.Hosting;
using Gateway.Replication.Store;
using Gateway.Replication.Tests.Store;
using Gateway.Replication.Wire;
using Gateway.Tests.FileSystem;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Tests.Addresses;

/// <summary>What a gateway does with addresses while volumes come and go, with a network and a clock in memory.</summary>
public sealed class ServiceAddressesTests : TreeFixture
{
    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(100);

    private static readonly ServiceAddress First = new(["files", "more"], IPAddress.Parse("10.0.0.50"), 24, "eth0");
    private static readonly ServiceAddress Second = new(["files"], IPAddress.Parse("fd00::50"), 64, "eth0");
    private static readonly ServiceAddress Other = new(["more"], IPAddress.Parse("10.0.0.51"), 24, "eth0");

    private readonly List<ServiceAddresses> _opened = [];
    private ManualTime _time = null!;
    private MemoryNetwork _network = null!;
    private int _confirmations;

    [SetUp]
    public void SetUp()
    {
        _time = new ManualTime();
        _network = new MemoryNetwork(_time);
        _confirmations = 0;
    }

    [TearDown]
    public async Task TearDown()
    {
        foreach (var addresses in _opened) await addresses.DisposeAsync();
        _opened.Clear();
    }

    [Test]
    public async Task Addresses_come_with_the_first_of_their_volumes_and_go_with_it()
    {
        var addresses = Open();
        await addresses.TakeAsync("more", default);
        Assert.That(addresses.Held, Is.EqualTo(new[] { Other }));
        await addresses.TakeAsync("files", default);
        Assert.That(addresses.Held, Is.EquivalentTo(new[] { First, Second, Other }));
        Assert.That(_network.Has(First) && _network.Has(Second) && _network.Has(Other));

        await addresses.ReleaseAsync("files", default);
        Assert.That(addresses.Held, Is.EqualTo(new[] { Other }));
        Assert.That(_network.Has(First) || _network.Has(Second), Is.False);
    }

    [Test]
    public async Task Taking_and_releasing_twice_does_nothing()
    {
        var addresses = Open();
        await addresses.TakeAsync("files", default);
        await addresses.TakeAsync("files", default);
        Assert.That(_network.Puts, Is.EqualTo(2));
        await addresses.ReleaseAsync("files", default);
        await addresses.ReleaseAsync("files", default);
        Assert.That(addresses.Held, Is.Empty);
    }

    [Test]
    public async Task An_address_is_renewed_while_its_volume_is_known_to_be_owned()
    {
        var addresses = Open();
        await addresses.TakeAsync("more", default);
        await AdvanceUntilAsync(() => _network.Puts >= 10, atEachStep: () => Assert.That(_network.Has(Other)));
    }

    [Test]
    public async Task An_address_is_not_renewed_while_nobody_knows_who_owns_its_volume()
    {
        Store.Interfere = call => Answer(call, StoreOutcome.Unavailable);
        var addresses = Open();
        await addresses.TakeAsync("more", default);
        await AdvanceUntilAsync(() => Volatile.Read(ref _confirmations) >= 5);
        Assert.That(_network.Puts, Is.EqualTo(1));
        Assert.That(_network.Has(Other), Is.False);

        // It comes back, and neighbours are told anew.
        Store.Interfere = null;
        await AdvanceUntilAsync(() => _network.Has(Other));
        var told = _network.Announcements;
        Assert.That(told, Is.GreaterThan(0));
    }

    [Test]
    public async Task An_answer_that_comes_late_renews_nothing()
    {
        var late = new TaskCompletionSource();
        var store = new HangingStore(Store, late.Task);
        await using var tree = await FileTree.OpenAsync(store, Options, Clock, NullLogger.Instance);
        store.Hangs = true;
        var asked = store.Confirmations;
        var addresses = Open(tree);
        await addresses.TakeAsync("more", default);
        await AdvanceUntilAsync(() => !_network.Has(Other));
        Assert.That(store.Confirmations, Is.LessThanOrEqualTo(asked + 1), "questions pile up");

        late.SetResult();
        store.Hangs = false;
        await AdvanceUntilAsync(() => _network.Puts >= 2);
        Assert.That(store.Confirmations, Is.GreaterThanOrEqualTo(asked + 2), "the late answer was taken for one of now");
        await addresses.ReleaseAsync("more", default);
    }

    [Test]
    public async Task Neighbours_are_told_again_until_a_hung_owner_has_lost_the_address()
    {
        var addresses = Open();
        await addresses.TakeAsync("more", default);
        Assert.That(_network.Announcements, Is.EqualTo(1));
        await AdvanceUntilAsync(() => _network.Announcements == 7);
        Assert.That(_time.GetElapsedTime(0), Is.GreaterThan(HeldAddress.Lifetime));
    }

    [Test]
    public async Task An_address_that_cannot_be_had_is_a_start_error_and_nothing_is_kept()
    {
        _network.Refusal = "cannot add the address: Operation not permitted";
        var addresses = Open();
        Assert.That(
            async () => await addresses.TakeAsync("files", default),
            Throws.TypeOf<StartException>().With.Message.Contains("Operation not permitted"));
        Assert.That(addresses.Held, Is.Empty);
    }

    [Test]
    public async Task What_the_kernel_removes_with_another_address_is_back_at_once()
    {
        var addresses = Open();
        await addresses.TakeAsync("files", default);
        await addresses.TakeAsync("more", default);
        _network.Lose(Other);
        await addresses.ReleaseAsync("files", default);
        Assert.That(_network.Has(Other));
    }

    [Test]
    public async Task The_next_owner_tells_clients_of_the_one_before_unless_they_are_here_already()
    {
        ClientConnection gone = Connection("10.0.0.51", "10.0.9.1", 700), here = Connection("10.0.0.51", "10.0.9.2", 701);
        var foreign = Connection("10.0.0.50", "10.0.9.3", 702);
        var before = Open();
        await before.TakeAsync("more", default);
        _network.Connections = [gone, here, foreign];
        await AdvanceUntilAsync(() => Tree.Connections.List().Count == 2);
        await before.ReleaseAsync("more", default);
        Assert.That(_network.Tickled, Is.Empty);

        _network.Connections = [here];
        await Open().TakeAsync("more", default);
        Assert.That(_network.Tickled, Is.EqualTo(new[] { gone }));
        await AdvanceUntilAsync(() => _network.Tickled.Count == 5);
        Assert.That(_network.Tickled, Is.All.EqualTo(gone));
    }

    [Test]
    public async Task The_rows_follow_the_connections_up_to_a_bound()
    {
        var all = Enumerable.Range(0, ConnectionList.ConnectionsMax + 100)
            .Select(number => Connection("10.0.0.51", $"10.1.{number / 250}.{number % 250}", 700)).ToArray();
        var addresses = Open();
        await addresses.TakeAsync("more", default);
        _network.Connections = all;
        await AdvanceUntilAsync(() => Tree.Connections.List().Count == ConnectionList.ConnectionsMax);
        var changes = Store.Committed;
        await AdvanceUntilAsync(() => _network.Puts >= 8);
        Assert.That(Store.Committed, Is.EqualTo(changes), "what is left out costs changes");

        _network.Connections = [all[^1]];
        await AdvanceUntilAsync(() => Tree.Connections.List() is [var name] && ClientConnection.Read(name) == all[^1]);
        _network.Connections = [];
        await AdvanceUntilAsync(() => Tree.Connections.List().Count == 0);
    }

    private static ClientConnection Connection(string service, string client, int port) =>
        new(new IPEndPoint(IPAddress.Parse(service), 2049), new IPEndPoint(IPAddress.Parse(client), port));

    private StoreInterference? Answer(StoreCall call, StoreOutcome outcome)
    {
        if (call != StoreCall.ConfirmRead) return null;
        Interlocked.Increment(ref _confirmations);
        return new StoreInterference(outcome);
    }

    private ServiceAddresses Open(FileTree? tree = null)
    {
        var options = new ServiceAddressOptions { Addresses = [First, Second, Other] };
        var addresses = new ServiceAddresses(
            options, "gw1", IPAddress.Loopback, _network, _ => tree ?? Tree, _time, NullLogger.Instance);
        _opened.Add(addresses);
        return addresses;
    }

    // The clock moves in small steps; what is due runs on other threads in between.
    private async Task AdvanceUntilAsync(Func<bool> holds, Action? atEachStep = null)
    {
        for (var turn = 0; !holds(); turn++)
        {
            Assert.That(turn, Is.LessThan(5_000), "it does not come true");
            _time.Advance(Step);
            await Task.Delay(1);
            atEachStep?.Invoke();
        }
    }

    /// <summary>A volume that does not know whether it is owned, until it is told.</summary>
    private sealed class HangingStore(IVolumeStore store, Task told) : IVolumeStore
    {
        private int _confirmations;

        public bool Hangs { get; set; }

        public int Confirmations => Volatile.Read(ref _confirmations);

        public ulong Epoch => store.Epoch;

        public ulong WriteVerifier => store.WriteVerifier;

        public StoreSpace Space => store.Space;

        public ValueTask<StoreOutcome> ExecuteAsync(Mutation mutation, CancellationToken cancellation = default) =>
            store.ExecuteAsync(mutation, cancellation);

        public Gateway.Replication.Rows.IRowSnapshot OpenSnapshot() => store.OpenSnapshot();

        public async ValueTask<StoreOutcome> ConfirmReadAsync(CancellationToken cancellation = default)
        {
            Interlocked.Increment(ref _confirmations);
            if (Hangs) await told;
            return StoreOutcome.Ok;
        }

        public ValueTask<SliceWriteResult> WriteSliceAsync(
            ReadOnlyMemory<byte> data, IPayloadSource? source = null, CancellationToken cancellation = default) =>
            store.WriteSliceAsync(data, source, cancellation);

        public ValueTask<StoreOutcome> ReadSliceAsync(
            Gateway.Replication.Slices.SliceRef slice, int offset, Memory<byte> destination, CancellationToken cancellation = default) =>
            store.ReadSliceAsync(slice, offset, destination, cancellation);
    }
}
