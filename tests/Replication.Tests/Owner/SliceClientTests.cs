using Gateway.Replication.Checksums;
using Gateway.Replication.Links;
using Gateway.Replication.Owner;
using Gateway.Replication.Quorum;
using Gateway.Replication.Rows;
using Gateway.Replication.Slices;
using Gateway.Replication.Store;
using Gateway.Replication.Tests.Links;
using Gateway.Replication.Wire;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Replication.Tests.Owner;

/// <summary>Slices on three nodes that hang, lie and fill up.</summary>
[TestFixture(LinkKind.Tcp)]
[TestFixture(LinkKind.InProcess)]
public sealed class SliceClientTests(LinkKind kind)
{
    private static readonly LinkTrust Trust = new(ClusterSecret.FromKey(new byte[32]));

    private readonly FakeNode[] _nodes = [new("a"), new("b"), new("c")];
    private readonly List<NodeUnderTest> _listeners = [];
    private VolumePeers _peers = null!;
    private OwedSlices _owed = null!;
    private SliceClient _client = null!;

    [SetUp]
    public async Task SetUp()
    {
        for (var at = 0; at < _nodes.Length; at++)
        {
            _nodes[at] = new FakeNode(_nodes[at].Identity.Node);
            _listeners.Add(await NodeUnderTest.StartAsync(kind, _nodes[at], Trust));
        }

        var options = new ReplicationOptions
        {
            Volume = "v",
            Nodes = [.. _nodes.Select(
                (node, at) => new NodeAddress(node.Identity.Node, _listeners[at]))],
            Trust = Trust,
            OwnerAddress = "test",
            RowsDirectory = "unused",
            SliceWriteBytesMax = 4 << 20,
            StragglerBytesMax = 8 << 20,
            SliceWriteTimeout = TimeSpan.FromSeconds(2),
            SliceCacheBytes = 1 << 20,
        };
        var record = new VolumeRecord
        {
            VolumeId = Guid.Empty,
            Epoch = 3,
            OwnerId = 1,
            OwnerAddress = "test",
            ConfigGeneration = 1,
            Members = [.. options.Nodes.Select(node => new VolumeMember(node.Node, 1))],
            LeaseMilliseconds = 2000,
        };
        _peers = new VolumePeers(record);
        foreach (var node in options.Nodes)
        {
            _peers.Add(new NodePeer(
                _peers.NewSlot(), Guid.Empty, node, options, TimeProvider.System, NullLogger.Instance));
        }

        _peers.Use(record);
        foreach (var peer in _peers) peer.Start();
        await TestCluster.UntilAsync(() => _peers.All(peer => peer.IsUp), "the links are up");
        _owed = new OwedSlices();
        _client = new SliceClient(
            new VolumeIdentity(Guid.Empty, 3), _peers, _owed, new SpilledSlices(new MemoryRowStore()), options, TimeProvider.System);
    }

    [TearDown]
    public async Task TearDown()
    {
        await _peers.DisposeAsync();
        foreach (var listener in _listeners) await listener.DisposeAsync();
        _listeners.Clear();
    }

    [Test]
    public async Task A_hung_node_stalls_nobody_and_holds_no_more_than_its_bound()
    {
        _nodes[2].Gate = new TaskCompletionSource().Task;
        var data = new byte[1 << 20];
        for (var at = 0; at < 30; at++)
        {
            var written = await _client.WriteSliceAsync(data, null, default).AsTask().WaitAsync(TimeSpan.FromSeconds(30));
            Assert.That(written.Outcome, Is.EqualTo(StoreOutcome.Ok));
            Assert.That(written.Slice.Id, Is.EqualTo(new SliceId(3, (ulong)at + 1)), "ids are dense");
        }

        Assert.That(_peers[2].Stragglers.Taken, Is.EqualTo(8 << 20));
        Assert.That(_owed.CountOf(_peers[2]), Is.EqualTo(22));
        Assert.That(_owed.CountOf(_peers[0]) + _owed.CountOf(_peers[1]), Is.Zero);
    }

    [Test]
    public async Task Borrowed_bytes_go_back_when_the_slowest_node_has_them()
    {
        var gate = new TaskCompletionSource();
        _nodes[2].Gate = gate.Task;
        var source = new Source();
        var data = new byte[200_000];
        new Random(7).NextBytes(data);
        var (outcome, slice) = await _client.WriteSliceAsync(data, source, default);
        Assert.That(outcome, Is.EqualTo(StoreOutcome.Ok));
        Assert.That(slice.Crc32C, Is.EqualTo(Crc32C.Compute(data)));
        await TestCluster.UntilAsync(() => _nodes[..2].All(node => node.Slices.ContainsKey(slice.Id)), "two have it");
        Assert.That(source.Lent, Is.EqualTo(1), "the links share what was lent once");

        gate.SetResult();
        await TestCluster.UntilAsync(() => source.Released == 1, "the bytes went back");
        await TestCluster.UntilAsync(() => _nodes[2].Slices.ContainsKey(slice.Id), "the third has it");
        Assert.That(_nodes.All(node => node.Slices[slice.Id].AsSpan().SequenceEqual(data)));
    }

    [Test]
    public async Task Borrowed_bytes_go_back_when_nobody_took_them()
    {
        foreach (var listener in _listeners) await listener.DisposeAsync();
        _listeners.Clear();
        await TestCluster.UntilAsync(() => _peers.All(peer => !peer.IsUp), "the links are down");
        var source = new Source();
        var (outcome, _) = await _client.WriteSliceAsync(new byte[200_000], source, default);
        Assert.That(outcome, Is.EqualTo(StoreOutcome.Unavailable));
        await TestCluster.UntilAsync(() => source.Released == 1, "the bytes went back");
    }

    [Test]
    public async Task What_a_lost_node_did_not_answer_is_owed()
    {
        _nodes[1].Gate = new TaskCompletionSource().Task;
        var written = await _client.WriteSliceAsync(new byte[1000], null, default);
        Assert.That(_owed.Owes(_peers[1], written.Slice.Id), Is.False, "it may still arrive");
        await _listeners[1].DisposeAsync();
        _listeners.RemoveAt(1);
        await TestCluster.UntilAsync(() => _owed.Owes(_peers[1], written.Slice.Id), "it is owed");
    }

    [Test]
    public async Task Lies_are_answered_from_another_node_and_noted()
    {
        var data = new byte[200_000];
        new Random(1).NextBytes(data);
        var (_, slice) = await _client.WriteSliceAsync(data, null, default);
        await TestCluster.UntilAsync(() => _nodes.All(node => node.Slices.ContainsKey(slice.Id)), "all have it");
        foreach (var node in _nodes[..2]) node.Slices[slice.Id][150_000] ^= 1;
        for (var offset = 0; offset < data.Length; offset += 50_000)
        {
            var read = new byte[50_000];
            Assert.That(await _client.ReadSliceAsync(slice, offset, read, default), Is.EqualTo(StoreOutcome.Ok));
            Assert.That(read.AsSpan().SequenceEqual(data.AsSpan(offset, read.Length)));
        }

        _nodes[2].Slices[slice.Id][3] ^= 1;
        var (outcome, _) = await _client.Fetch.FetchAsync(slice, 0, slice.Length, null, default);
        Assert.That(outcome, Is.EqualTo(StoreOutcome.Damaged));
        Assert.That(_peers.All(peer => peer.DamageFound > 0));
        Assert.That(_owed.Peek(_peers[0], 10, 0), Is.EqualTo(new[] { new OwedSlice(slice, true) }));
    }

    [Test]
    public async Task A_node_whose_bytes_do_not_match_is_asked_to_look_itself_before_its_copy_is_damaged()
    {
        var data = new byte[200_000];
        new Random(4).NextBytes(data);
        var (_, slice) = await _client.WriteSliceAsync(data, null, default);
        await TestCluster.UntilAsync(() => _nodes.All(node => node.Slices.ContainsKey(slice.Id)), "all have it");
        foreach (var node in _nodes) node.HasRottenMemory = true;
        var read = new byte[1000];
        Assert.That(await _client.ReadSliceAsync(slice, 70_000, read, default), Is.EqualTo(StoreOutcome.Ok));
        Assert.That(read.AsSpan().SequenceEqual(data.AsSpan(70_000, read.Length)));
        Assert.That(_nodes.Sum(node => node.CheckedReads), Is.GreaterThan(0));
        Assert.That(_peers.Sum(peer => peer.DamageFound), Is.Zero, "its disk is good");
    }

    [Test]
    public async Task Reads_are_spread_over_the_nodes()
    {
        for (var at = 0; at < 9; at++)
        {
            var (_, slice) = await _client.WriteSliceAsync(new byte[300_000], null, default);
            await TestCluster.UntilAsync(() => _nodes.All(node => node.Slices.ContainsKey(slice.Id)), "all have it");
            var (_, run) = await _client.Fetch.FetchAsync(slice, 0, slice.Length, null, default);
            run!.Release();
        }

        Assert.That(_nodes.Select(node => node.ReadsBegun), Is.All.GreaterThan(0));
    }

    [Test]
    public async Task A_slice_that_only_one_node_has_is_found()
    {
        var (_, slice) = await _client.WriteSliceAsync(new byte[40_000], null, default);
        await TestCluster.UntilAsync(() => _nodes.All(node => node.Slices.ContainsKey(slice.Id)), "all have it");
        _nodes[0].Slices.Clear();
        _nodes[1].Slices.Clear();
        Assert.That(await _client.ReadSliceAsync(slice, 33_000, new byte[7000], default), Is.EqualTo(StoreOutcome.Ok));
    }

    [Test]
    public async Task A_slice_that_was_freed_is_owed_to_nobody_however_late_a_node_failed()
    {
        var (_, slice) = await _client.WriteSliceAsync(new byte[40_000], null, default);
        await TestCluster.UntilAsync(() => _nodes.All(node => node.Slices.ContainsKey(slice.Id)), "all have it");
        _client.Discard([slice.Id]);
        foreach (var node in _nodes) node.Slices.Clear();
        _owed.Add(_peers[0], slice);
        Assert.That(await Copying().CopyAsync(_peers[0], new OwedSlice(slice, Damaged: false), default), Is.True);
        Assert.That(_peers.Select(_owed.CountOf), Is.All.Zero);
    }

    [Test]
    public async Task A_slice_that_an_entry_may_come_to_refer_to_is_brought_to_who_lacks_it()
    {
        var (_, slice) = await _client.WriteSliceAsync(new byte[40_000], null, default);
        await TestCluster.UntilAsync(() => _nodes.All(node => node.Slices.ContainsKey(slice.Id)), "all have it");
        _nodes[0].Slices.Clear();
        _owed.Add(_peers[0], slice);
        Assert.That(await Copying().CopyAsync(_peers[0], new OwedSlice(slice, Damaged: false), default), Is.True);
        Assert.That(_nodes[0].Slices.ContainsKey(slice.Id));
        Assert.That(_peers.Select(_owed.CountOf), Is.All.Zero);
    }

    [Test]
    public async Task Without_a_majority_a_write_gives_up_in_time()
    {
        foreach (var node in _nodes[..2]) node.Gate = new TaskCompletionSource().Task;
        var written = await _client.WriteSliceAsync(new byte[1000], null, default)
            .AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.That(written.Outcome, Is.EqualTo(StoreOutcome.Unavailable));
    }

    [Test]
    public async Task The_cache_keeps_to_its_bound_and_serves_again()
    {
        var data = new byte[SliceLimits.BytesMax];
        new Random(2).NextBytes(data);
        var (_, slice) = await _client.WriteSliceAsync(data, null, default);
        var read = new byte[data.Length];
        for (var round = 0; round < 3; round++)
        {
            Assert.That(await _client.ReadSliceAsync(slice, 0, read, default), Is.EqualTo(StoreOutcome.Ok));
            Assert.That(read.AsSpan().SequenceEqual(data));
        }

        var misses = _client.Cache.Misses;
        Assert.That(
            await _client.ReadSliceAsync(slice, data.Length - 5000, read.AsMemory(0, 5000), default), Is.EqualTo(StoreOutcome.Ok));
        Assert.That(_client.Cache.Misses, Is.EqualTo(misses));
        Assert.That(read.AsSpan(0, 5000).SequenceEqual(data.AsSpan(data.Length - 5000)));
    }

    private SliceCopying Copying() => new(
        new VolumeIdentity(Guid.Empty, 3), new MemoryVolumeStore(), _client.Fetch, _client.Written, _owed,
        new HealPace(1L << 30, () => 0, TimeProvider.System));

    private sealed class Source : IPayloadSource, IPayloadLender
    {
        private int _lent;
        private int _released;

        public int Lent => Volatile.Read(ref _lent);

        public int Released => Volatile.Read(ref _released);

        public LentPayload Lend(ReadOnlyMemory<byte> bytes)
        {
            Interlocked.Increment(ref _lent);
            return new LentPayload(bytes, this);
        }

        public void PayloadReleased() => Interlocked.Increment(ref _released);
    }
}
