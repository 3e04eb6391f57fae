using System.Collections.Concurrent;
using System.Net.Sockets;
using Gateway.Replication.Checksums;
using Gateway.Replication.Journal;
using Gateway.Replication.Links;
using Gateway.Replication.Quorum;
using Gateway.Replication.Slices;
using Gateway.Replication.Wire;
using Microsoft.Extensions.Logging;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Replication.Tests.Links;

public sealed class NodeLinkTests
{
    private static readonly Guid Volume = new("00112233-4455-6677-8899-aabbccddeeff");
    private static readonly ClusterSecret Secret = ClusterSecret.FromKey(new byte[32]);

    [Test]
    public async Task Slices_and_journal_requests_cross_the_link()
    {
        var node = new FakeNode("a");
        await using var listener = await NodeListener.StartAsync(node, Secret);
        var events = new Events();
        await using var link = Open(listener.Port, "a", Secret, events);
        await events.Up.Task.WaitAsync(TimeSpan.FromSeconds(30));

        var data = new byte[SliceLimits.BytesMax];
        new Random(1).NextBytes(data);
        var slice = new SliceRef(new SliceId(1, 1), data.Length, Crc32C.Compute(data));
        var lender = new Lender();
        var written = await link.WriteSliceAsync(new WriteSliceRequest(Volume, 1, slice, false), data, lender, default);
        Assert.That(written, Is.EqualTo(new LinkAnswer<WriteSliceReply>(true, new(NodeOutcome.Ok, 1 << 30))));
        Assert.That(lender.Released, Is.EqualTo(1));
        Assert.That(node.Slices[slice.Id].AsSpan().SequenceEqual(data));

        var part = new byte[100_000 - 100_000 % SliceLimits.BlockBytes];
        var read = await link.RequestAsync<ReadSliceRequest, ReadSliceReply>(
            FrameKind.ReadSlice,
            new ReadSliceRequest(Volume, slice, SliceLimits.BlockBytes, part.Length, true), default, part);
        Assert.That(read.Reply.Outcome, Is.EqualTo(NodeOutcome.Ok));
        Assert.That(part.AsSpan().SequenceEqual(data.AsSpan(SliceLimits.BlockBytes, part.Length)));
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
        await using var listener = await NodeListener.StartAsync(node, Secret);
        var events = new Events();
        await using var link = Open(listener.Port, "a", Secret, events);
        await events.Up.Task.WaitAsync(TimeSpan.FromSeconds(30));

        var data = new byte[1000];
        var slice = new SliceRef(new SliceId(1, 1), data.Length, Crc32C.Compute(data));
        var slow = link.WriteSliceAsync(new WriteSliceRequest(Volume, 1, slice, false), data, new Lender(), default)
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
        var listener = await NodeListener.StartAsync(node, Secret);
        var port = listener.Port;
        var events = new Events();
        await using var link = Open(port, "a", Secret, events);
        await events.Up.Task.WaitAsync(TimeSpan.FromSeconds(30));

        var data = new byte[1000];
        var slice = new SliceRef(new SliceId(1, 1), data.Length, Crc32C.Compute(data));
        var lender = new Lender();
        var write = link.WriteSliceAsync(new WriteSliceRequest(Volume, 1, slice, false), data, lender, default)
            .AsTask();
        await listener.DisposeAsync();
        Assert.That((await write.WaitAsync(TimeSpan.FromSeconds(30))).Answered, Is.False);
        Assert.That(lender.Released, Is.EqualTo(1));

        events.Up = new TaskCompletionSource();
        await using var again = await NodeListener.StartAsync(new FakeNode("a"), Secret, port);
        await events.Up.Task.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.That(link.IsUp);
    }

    [Test]
    public async Task A_broken_node_closes_the_link()
    {
        await using var listener = await NodeListener.StartAsync(new FakeNode("a"), Secret);
        var events = new Events();
        await using var link = Open(listener.Port, "a", Secret, events);
        await events.Up.Task.WaitAsync(TimeSpan.FromSeconds(30));
        var answer = await link.RequestAsync<VerifySlicesRequest, VerifySlicesReply>(
            FrameKind.VerifySlices, new VerifySlicesRequest(Volume, default), default)
            .AsTask().WaitAsync(TimeSpan.FromSeconds(30));
        Assert.That(answer.Answered, Is.False);
    }

    [Test]
    public async Task A_wrong_secret_and_a_wrong_cluster_are_refused_and_logged_once()
    {
        var logger = new CountingLogger();
        await using var listener = await NodeListener.StartAsync(new FakeNode("a"), Secret, 0, logger);
        var wrongKey = new byte[32];
        wrongKey[31] = 1;
        foreach (var wrong in new[] { new ClusterSecret(Secret.Cluster, wrongKey), ClusterSecret.FromKey(wrongKey) })
        {
            for (var attempt = 0; attempt < 3; attempt++)
            {
                var connecting = () => HandshakeAsync(listener.Port, wrong, "a");
                Assert.That(connecting, Throws.TypeOf<LinkRefusedException>());
            }
        }

        // A client with the right cluster and a wrong secret finds out first that the node's proof is wrong, and
        // hangs up.
        await logger.Logged.WaitAsync(TimeSpan.FromSeconds(30));
        Assert.That(logger.Warnings, Is.EqualTo(1));
    }

    [Test]
    public async Task A_client_that_skips_the_check_is_refused_by_the_node()
    {
        await using var listener = await NodeListener.StartAsync(new FakeNode("a"), Secret);
        using var client = new TcpClient("127.0.0.1", listener.Port);
        var recorder = new RecordingStream(client.GetStream());
        await LinkHandshake.ConnectAsync(recorder, Reader(client), Secret, "a", default);

        // The very same bytes again: the node's nonce is another one, so the proof is wrong.
        using var replay = new TcpClient("127.0.0.1", listener.Port);
        await replay.GetStream().WriteAsync(recorder.Recorded.ToArray());
        var reader = Reader(replay);
        Assert.That(await reader.ReadHeadAsync(default));
        Assert.That(reader.Header.Kind, Is.EqualTo(FrameKind.Challenge));
        Assert.That(await reader.ReadHeadAsync(default));
        Assert.That(reader.Header.Kind, Is.EqualTo(FrameKind.Refusal));
        Assert.That(WireMessages.Decode<Refusal>(reader.Head).Reason, Is.EqualTo(LinkRefusal.Secret));
        Assert.That(await reader.ReadHeadAsync(default), Is.False);
    }

    [Test]
    public async Task Another_node_at_the_address_is_refused()
    {
        await using var listener = await NodeListener.StartAsync(new FakeNode("b"), Secret);
        Assert.That(
            async () => await HandshakeAsync(listener.Port, Secret, "a"),
            Throws.TypeOf<LinkRefusedException>().With.Property("Reason").EqualTo(LinkRefusal.OtherNode));
    }

    [Test]
    public async Task Garbage_closes_the_connection()
    {
        await using var listener = await NodeListener.StartAsync(new FakeNode("a"), Secret);
        foreach (var garbage in new[] { new byte[64], "GET / HTTP/1.1\r\nHost: x\r\n\r\nxxxxxxxxxxxxxx"u8.ToArray() })
        {
            using var client = new TcpClient("127.0.0.1", listener.Port);
            await client.GetStream().WriteAsync(garbage);
            using var timeout = new CancellationTokenSource(TimeSpan.FromSeconds(5));
            Assert.That(await ReadToEndAsync(client.GetStream(), timeout.Token), Is.Zero);
        }
    }

    private static async Task<int> ReadToEndAsync(Stream stream, CancellationToken cancellation)
    {
        try
        {
            return await stream.ReadAsync(new byte[100], cancellation);
        }
        catch (IOException)
        {
            return 0;
        }
    }

    private static async Task HandshakeAsync(int port, ClusterSecret secret, string node)
    {
        using var client = new TcpClient("127.0.0.1", port);
        await LinkHandshake.ConnectAsync(client.GetStream(), Reader(client), secret, node, default);
    }

    private static FrameReader Reader(TcpClient client) => new(client.GetStream(), FrameLimits.HandshakeHeadBytesMax);

    private static NodeLink Open(int port, string node, ClusterSecret secret, INodeLinkEvents events)
    {
        var options = new NodeLinkOptions { Node = node, Host = "127.0.0.1", Port = port, Secret = secret };
        var link = new NodeLink(options, events, TimeProvider.System, NullLogger.Instance);
        link.Start();
        return link;
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
        public int Released { get; private set; }

        public void PayloadReleased() => Released++;
    }

    private sealed class RecordingStream(Stream inner) : MemoryStream
    {
        public ConcurrentQueue<byte> Recorded { get; } = new();

        public override async ValueTask WriteAsync(
            ReadOnlyMemory<byte> buffer, CancellationToken cancellationToken = default)
        {
            foreach (var value in buffer.ToArray()) Recorded.Enqueue(value);
            await inner.WriteAsync(buffer, cancellationToken);
        }

        public override Task FlushAsync(CancellationToken cancellationToken) => inner.FlushAsync(cancellationToken);
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
