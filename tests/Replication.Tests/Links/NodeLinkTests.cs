using Gateway.Replication.Checksums;
using Gateway.Replication.Journal;
using Gateway.Replication.Links;
using Gateway.Replication.Links.Tls;
using Gateway.Replication.Quorum;
using Gateway.Replication.Slices;
using Gateway.Replication.Tests.Links.Tls;
using Gateway.Replication.Wire;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Replication.Tests.Links;

[TestFixture(LinkKind.Tcp)]
[TestFixture(LinkKind.Tls)]
[TestFixture(LinkKind.InProcess)]
public sealed class NodeLinkTests(LinkKind kind)
{
    private static readonly Guid Volume = new("00112233-4455-6677-8899-aabbccddeeff");
    private static readonly ClusterSecret Secret = ClusterSecret.FromKey(new byte[32]);
    private readonly TestCertificates _certificates = new();

    [OneTimeTearDown]
    public async Task RemoveCertificates() => await _certificates.DisposeAsync();

    [Test]
    public async Task Slices_and_journal_requests_cross_the_link()
    {
        var node = new FakeNode("a");
        await using var listener = await NodeUnderTest.StartAsync(kind, node, TrustOf(LinkRole.Node, "a"));
        var events = new Events();
        await using var link = Open(listener, "a", events);
        await events.Up.Task.WaitAsync(TimeSpan.FromSeconds(30));

        var data = new byte[SliceLimits.BytesMax];
        new Random(1).NextBytes(data);
        var slice = new SliceRef(new SliceId(1, 1), data.Length, Crc32C.Compute(data));
        var lender = new Lender();
        var written = await link.WriteSliceAsync(new WriteSliceRequest(Volume, 1, slice, false), new LentPayload(data, lender), default);
        Assert.That(written, Is.EqualTo(new LinkAnswer<WriteSliceReply>(true, new(NodeOutcome.Ok, 1 << 30))));
        Assert.That(lender.Released, Is.EqualTo(1));
        Assert.That(node.Slices[slice.Id].AsSpan().SequenceEqual(data));

        const int part = 100_000 - 100_000 % SliceLimits.BlockBytes;
        var read = await link.RequestAsync<ReadSliceRequest, ReadSliceReply>(
            FrameKind.ReadSlice,
            new ReadSliceRequest(Volume, slice, SliceLimits.BlockBytes, part, true, false), default, part);
        Assert.That(read.Reply.Outcome, Is.EqualTo(NodeOutcome.Ok));
        Assert.That(read.Payload.Bytes.Span.SequenceEqual(data.AsSpan(SliceLimits.BlockBytes, part)));
        read.Payload.Release();
        Assert.That(
            Crc32CSum.JoinBlocks(read.Reply.BlockCrcs.Span, SliceLimits.BlockBytes, data.Length),
            Is.EqualTo(slice.Crc32C));

        var entry = JournalChain.Follow(0, 0, 1, JournalEntryType.Transaction, new byte[] { 1, 2, 3 });
        Assert.That(link.TryPostJournal(new AppendRequest
        {
            Header = new RequestHeader(Volume, 1, 2, 3, 4, 5),
            Previous = default,
            Entries = new[] { entry },
            CommitIndex = 6,
            EpochStartIndex = 7,
            EchoNonce = 8,
        }));
        var reply = await events.Replies.Reader.ReadAsync();
        Assert.That(reply.Header.SentAt, Is.EqualTo(5));
        var got = (AppendRequest)node.JournalRequests.Single();
        Assert.That(got.Entries.Span[0].Payload.ToArray(), Is.EqualTo(new byte[] { 1, 2, 3 }));
        Assert.That(got.Entries.Span[0].Chain, Is.EqualTo(entry.Chain));
        Assert.That(got.EchoNonce, Is.EqualTo(8));
    }

    [Test]
    public async Task Many_requests_run_at_once_and_a_slow_one_blocks_nobody()
    {
        var node = new FakeNode("a");
        var gate = new TaskCompletionSource();
        node.Gate = gate.Task;
        await using var listener = await NodeUnderTest.StartAsync(kind, node, TrustOf(LinkRole.Node, "a"));
        var events = new Events();
        await using var link = Open(listener, "a", events);
        await events.Up.Task.WaitAsync(TimeSpan.FromSeconds(30));

        var data = new byte[1000];
        var slice = new SliceRef(new SliceId(1, 1), data.Length, Crc32C.Compute(data));
        var slow = link.WriteSliceAsync(new WriteSliceRequest(Volume, 1, slice, false), new LentPayload(data, new Lender()), default)
            .AsTask();
        var quick = Enumerable.Range(0, 300).Select(_ => link.RequestAsync<NodeConditionRequest, NodeCondition>(
            FrameKind.Condition, new NodeConditionRequest(Volume), default).AsTask()).ToArray();
        foreach (var answer in await Task.WhenAll(quick)) Assert.That(answer.Reply.AvailableBytes, Is.EqualTo(7));
        Assert.That(slow.IsCompleted, Is.False);
        gate.SetResult();
        Assert.That((await slow).Answered);
    }

    [Test]
    public async Task A_lost_node_leaves_requests_unanswered_and_the_link_comes_back()
    {
        var node = new FakeNode("a");
        node.Gate = new TaskCompletionSource().Task;
        await using var listener = await NodeUnderTest.StartAsync(kind, node, TrustOf(LinkRole.Node, "a"));
        var events = new Events();
        await using var link = Open(listener, "a", events);
        await events.Up.Task.WaitAsync(TimeSpan.FromSeconds(30));

        var data = new byte[1000];
        var slice = new SliceRef(new SliceId(1, 1), data.Length, Crc32C.Compute(data));
        var lender = new Lender();
        var write = link.WriteSliceAsync(new WriteSliceRequest(Volume, 1, slice, false), new LentPayload(data, lender), default)
            .AsTask();
        await listener.DisposeAsync();
        Assert.That((await write.WaitAsync(TimeSpan.FromSeconds(30))).Answered, Is.False);
        Assert.That(lender.Released, Is.EqualTo(1));

        events.Up = new TaskCompletionSource();
        await listener.StartAsync(new FakeNode("a"));
        await events.Up.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.That(link.IsUp);
    }

    [Test]
    public async Task A_broken_node_closes_the_link()
    {
        await using var listener = await NodeUnderTest.StartAsync(kind, new FakeNode("a"), TrustOf(LinkRole.Node, "a"));
        var events = new Events();
        await using var link = Open(listener, "a", events);
        await events.Up.Task.WaitAsync(TimeSpan.FromSeconds(30));
        var answer = await link.RequestAsync<VerifySlicesRequest, VerifySlicesReply>(
            FrameKind.VerifySlices, new VerifySlicesRequest(Volume, default), default)
            .AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.That(answer.Answered, Is.False);
    }

    [Test]
    public async Task A_wrong_secret_and_a_wrong_cluster_are_refused_and_logged_once()
    {
        if (kind == LinkKind.Tls) Assert.Ignore("with certificates there is no secret; theirs is LinkTlsTests");
        var logger = new CountingLogger();
        await using var listener = await NodeUnderTest.StartAsync(kind, new FakeNode("a"), new LinkTrust(Secret), logger);
        var wrongKey = new byte[32];
        wrongKey[31] = 1;
        foreach (var wrong in new[] { new ClusterSecret(Secret.Cluster, wrongKey), ClusterSecret.FromKey(wrongKey) })
        {
            for (var attempt = 0; attempt < 3; attempt++)
            {
                var connecting = () => HandshakeAsync(listener, new LinkTrust(wrong), "a");
                Assert.That(connecting, Throws.TypeOf<LinkRefusedException>());
            }
        }

        // A client with the right cluster and a wrong secret finds out first that the node's proof is wrong, and
        // hangs up.
        await logger.Logged.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.That(logger.Warnings, Is.EqualTo(1));
    }

    [Test]
    public async Task Another_node_at_the_address_is_refused()
    {
        await using var listener = await NodeUnderTest.StartAsync(kind, new FakeNode("b"), TrustOf(LinkRole.Node, "b"));
        Assert.That(
            async () => await HandshakeAsync(listener, TrustOf(LinkRole.Gateway, "gw1"), "a"),
            Throws.TypeOf<LinkRefusedException>().With.Property("Reason").EqualTo(kind == LinkKind.Tls ? LinkRefusal.Certificate : LinkRefusal.OtherNode));
    }

    // Where the node was there is another one now, which is found out; and the connector says where it is by then.
    [Test]
    public async Task A_link_finds_its_node_where_it_is_by_then()
    {
        await using var before = await NodeUnderTest.StartAsync(kind, new FakeNode("a"), TrustOf(LinkRole.Node, "a"));
        var connector = new MovingConnector { At = before };
        var events = new Events();
        await using var link = Open(connector, "a", events);
        await events.Up.Task.WaitAsync(TimeSpan.FromSeconds(30));

        events.Up = new TaskCompletionSource();
        await using var other = await NodeUnderTest.StartAsync(kind, new FakeNode("b"), TrustOf(LinkRole.Node, "b"));
        connector.At = other;
        await before.DisposeAsync();
        await UntilAsync(() => connector.Dialled(other) >= 2);
        Assert.That(events.Up.Task.IsCompleted, Is.False);

        await using var after = await NodeUnderTest.StartAsync(kind, new FakeNode("a"), TrustOf(LinkRole.Node, "a"));
        connector.At = after;
        await events.Up.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.That(link.IsUp);
    }

    [Test]
    public async Task A_node_takes_no_more_bytes_than_its_bound_and_the_rest_waits_lent()
    {
        const int writes = 10;
        const int atOnce = NodeDispatch.PayloadBytesInFlightMax / SliceLimits.BytesMax;
        var node = new FakeNode("a");
        var gate = new TaskCompletionSource();
        node.Gate = gate.Task;
        await using var listener = await NodeUnderTest.StartAsync(kind, node, TrustOf(LinkRole.Node, "a"));
        var events = new Events();
        await using var link = Open(listener, "a", events);
        await events.Up.Task.WaitAsync(TimeSpan.FromSeconds(5));

        var data = new byte[SliceLimits.BytesMax];
        var crc = Crc32C.Compute(data);
        var lenders = Enumerable.Range(0, writes).Select(_ => new Lender()).ToArray();
        var answers = lenders.Select((lender, at) => link.WriteSliceAsync(
            new WriteSliceRequest(Volume, 1, new SliceRef(new SliceId(1, (ulong)at + 1), data.Length, crc), false),
            new LentPayload(data, lender), default).AsTask()).ToArray();
        await UntilAsync(() => node.WritesUnderWay == atOnce);
        Assert.That(lenders[^1].Released, Is.Zero, "the last one has not been taken");

        gate.SetResult();
        foreach (var answer in await Task.WhenAll(answers)) Assert.That(answer.Reply.Outcome, Is.EqualTo(NodeOutcome.Ok));
        Assert.That(node.Slices, Has.Count.EqualTo(writes));
        Assert.That(lenders.Select(lender => lender.Released), Is.All.EqualTo(1));
    }

    [Test]
    public async Task A_write_that_is_given_up_keeps_its_bytes_lent_until_the_node_is_done_with_them()
    {
        var node = new FakeNode("a");
        var gate = new TaskCompletionSource();
        node.Gate = gate.Task;
        await using var listener = await NodeUnderTest.StartAsync(kind, node, TrustOf(LinkRole.Node, "a"));
        var events = new Events();
        await using var link = Open(listener, "a", events);
        await events.Up.Task.WaitAsync(TimeSpan.FromSeconds(5));

        var data = new byte[1000];
        var slice = new SliceRef(new SliceId(1, 1), data.Length, Crc32C.Compute(data));
        var lender = new Lender();
        using var cancelled = new CancellationTokenSource();
        var write = link.WriteSliceAsync(
            new WriteSliceRequest(Volume, 1, slice, false), new LentPayload(data, lender), cancelled.Token).AsTask();
        await UntilAsync(() => node.WritesUnderWay == 1);
        await cancelled.CancelAsync();
        Assert.That((await write.WaitAsync(TimeSpan.FromSeconds(5))).Answered, Is.False);
        Assert.That(node.WritesUnderWay, Is.EqualTo(1));
        if (kind == LinkKind.InProcess) Assert.That(lender.Released, Is.Zero, "the node reads the lender's memory");

        gate.SetResult();
        await UntilAsync(() => lender.Released == 1 && node.Slices.ContainsKey(slice.Id));
        Assert.That(link.IsUp, "an answer nobody waits for is no violation");
    }

    [Test]
    public async Task Reads_that_are_given_up_hold_no_room()
    {
        var node = new FakeNode("a");
        await using var listener = await NodeUnderTest.StartAsync(kind, node, TrustOf(LinkRole.Node, "a"));
        var events = new Events();
        await using var link = Open(listener, "a", events);
        await events.Up.Task.WaitAsync(TimeSpan.FromSeconds(5));
        var data = new byte[SliceLimits.BytesMax];
        var slice = new SliceRef(new SliceId(1, 1), data.Length, Crc32C.Compute(data));
        node.Slices[slice.Id] = data;
        var request = new ReadSliceRequest(Volume, slice, 0, data.Length, false, false);
        for (var round = 0; round < 3; round++)
        {
            var gate = new TaskCompletionSource();
            node.ReadGate = gate.Task;
            using var cancelled = new CancellationTokenSource();
            var begun = node.ReadsBegun;
            var reads = Enumerable.Range(0, 4).Select(_ => link.RequestAsync<ReadSliceRequest, ReadSliceReply>(
                FrameKind.ReadSlice, request, cancelled.Token, data.Length).AsTask()).ToArray();
            await UntilAsync(() => node.ReadsBegun == begun + reads.Length);
            await cancelled.CancelAsync();
            foreach (var read in await Task.WhenAll(reads)) Assert.That(read.Answered, Is.False);
            gate.SetResult();
        }

        // What a reader keeps is its own memory, and no longer the link's.
        var kept = new List<LentPayload>();
        for (var at = 0; at < 8; at++)
        {
            var read = await link.RequestAsync<ReadSliceRequest, ReadSliceReply>(
                FrameKind.ReadSlice, request, default, data.Length).AsTask().WaitAsync(TimeSpan.FromSeconds(10));
            Assert.That(read.Payload.Length, Is.EqualTo(data.Length));
            kept.Add(read.Payload);
        }

        foreach (var payload in kept) payload.Release();
    }

    [Test]
    public async Task A_link_lost_while_payloads_wait_releases_each_of_them_once()
    {
        var node = new FakeNode("a") { Gate = new TaskCompletionSource().Task };
        var listener = await NodeUnderTest.StartAsync(kind, node, TrustOf(LinkRole.Node, "a"));
        var events = new Events();
        await using var link = Open(listener, "a", events);
        await events.Up.Task.WaitAsync(TimeSpan.FromSeconds(5));

        var data = new byte[SliceLimits.BytesMax];
        var slice = new SliceRef(new SliceId(1, 1), data.Length, Crc32C.Compute(data));
        var lenders = Enumerable.Range(0, 12).Select(_ => new Lender()).ToArray();
        var answers = lenders.Select(lender => link.WriteSliceAsync(
            new WriteSliceRequest(Volume, 1, slice, false), new LentPayload(data, lender), default).AsTask()).ToArray();
        await UntilAsync(() => node.WritesUnderWay > 0);
        await listener.DisposeAsync();
        foreach (var answer in await Task.WhenAll(answers).WaitAsync(TimeSpan.FromSeconds(10)))
            Assert.That(answer.Answered, Is.False);
        await UntilAsync(() => lenders.All(lender => lender.Released == 1));
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(15));
        while (!condition()) await Task.Delay(5, timeout.Token);
    }

    private static async Task HandshakeAsync(INodeConnector node, LinkTrust trust, string name)
    {
        var options = new NodeLinkOptions { Node = name, Volume = Volume, Connector = node, Trust = trust };
        await using var link = await node.ConnectAsync(options, default);
        await LinkHandshake.ConnectAsync(link, trust, name, Volume, default);
    }

    private NodeLink Open(INodeConnector connector, string node, INodeLinkEvents events)
    {
        var options = new NodeLinkOptions
        {
            Node = node,
            Volume = Volume,
            Connector = connector,
            Trust = TrustOf(LinkRole.Gateway, "gw1"),
        };
        var link = new NodeLink(options, events, TimeProvider.System, NullLogger.Instance);
        link.Start();
        return link;
    }

    private LinkTrust TrustOf(LinkRole role, string name) =>
        kind == LinkKind.Tls ? new LinkTrust(_certificates.Open(role, name)) : new LinkTrust(Secret);

    private sealed class MovingConnector : INodeConnector
    {
        private readonly System.Collections.Concurrent.ConcurrentQueue<INodeConnector> _dialled = new();
        private volatile INodeConnector _at = null!;

        public INodeConnector At
        {
            get => _at;
            set => _at = value;
        }

        public string Address => At.Address;

        public int Dialled(INodeConnector place) => _dialled.Count(dialled => dialled == place);

        public ValueTask<IFrameTransport> ConnectAsync(NodeLinkOptions link, CancellationToken cancellation)
        {
            var at = At;
            _dialled.Enqueue(at);
            return at.ConnectAsync(link, cancellation);
        }
    }

    private sealed class Events : INodeLinkEvents
    {
        public TaskCompletionSource Up { get; set; } = new();

        public System.Threading.Channels.Channel<NodeReply> Replies { get; } =
            System.Threading.Channels.Channel.CreateUnbounded<NodeReply>();

        public void LinkUp(NodeLink link, NodeIdentity identity) => Up.TrySetResult();

        public void LinkDown(NodeLink link)
        {
        }

        public void JournalReplied(NodeLink link, NodeReply reply) => Replies.Writer.TryWrite(reply);
    }

    private sealed class Lender : IPayloadLender
    {
        private int _released;

        public int Released => Volatile.Read(ref _released);

        public void PayloadReleased() => Interlocked.Increment(ref _released);
    }

    private sealed class CountingLogger : ILogger<NodeConnectionHandler>
    {
        private readonly TaskCompletionSource _logged = new();
        private int _warnings;

        public Task Logged => _logged.Task;

        public int Warnings => _warnings;

        public IDisposable? BeginScope<TState>(TState state)
            where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(
            LogLevel logLevel, EventId eventId, TState state, Exception? exception,
            Func<TState, Exception?, string> formatter)
        {
            if (logLevel < LogLevel.Warning) return;
            Interlocked.Increment(ref _warnings);
            _logged.TrySetResult();
        }
    }
}
