using System.Collections.Concurrent;
using Gateway.Replication.Checksums;
using Gateway.Replication.Journal;
using Gateway.Replication.Links;
using Gateway.Replication.Nodes;
using Gateway.Replication.Quorum;
using Gateway.Replication.Slices;
using Gateway.Replication.Wire;
using Microsoft.Extensions.Logging.Abstractions;

namespace Gateway.Replication.Tests.Nodes;

public sealed class BackendNodeTest
{
    private static readonly Guid Volume = new("6f1d7a35-4fd0-4b8c-bc60-0b6f1f0a6c01");
    private static readonly Guid Cluster = new("2b3c4d5e-0000-4000-8000-000000000001");

    private readonly ConcurrentQueue<Exception> _failures = new();
    private string _path = "";
    private BackendNode _node = null!;
    private Replies _replies = null!;

    [SetUp]
    public void Start()
    {
        _path = Path.Join(Path.GetTempPath(), $"nasgate-node-{Path.GetRandomFileName()}");
        _replies = new Replies();
        _failures.Clear();
        _node = Open();
    }

    [TearDown]
    public void Clean()
    {
        _node.Dispose();
        Directory.Delete(_path, recursive: true);
    }

    [Test]
    public async Task Entries_are_acknowledged_kept_and_served_after_a_restart()
    {
        var entries = Entries(20);
        await AdmitAsync();
        var append = (AppendReply)await AskAsync(Append(entries));
        Assert.That((append.Header.Status, append.Matched, append.Position.Index), Is.EqualTo((NodeStatus.Ok, true, 20UL)));
        Assert.That(append.Header.FlushedIndex, Is.EqualTo(20));

        Restart();
        var testimony = (NewEpochReply)await AskAsync(new NewEpochRequest { Header = Header(2) });
        Assert.That((testimony.Last.Index, testimony.Header.Limbo), Is.EqualTo((20UL, LimboReason.None)));
        var stale = await AskAsync(Append(entries));
        Assert.That(stale.Header.Status, Is.EqualTo(NodeStatus.Fenced));
        var fetched = (FetchReply)await AskAsync(
            new FetchRequest { Header = Header(2), FromIndex = 1, ToIndex = 20, BytesMax = 1 << 20 });
        Assert.That(fetched.Entries.Length, Is.EqualTo(20));
    }

    [Test]
    public async Task Slices_are_written_read_listed_discarded_and_fenced()
    {
        var data = new byte[200_000];
        new Random(1).NextBytes(data);
        var slice = new SliceRef(new SliceId(1, 1), data.Length, Crc32C.Compute(data));
        var requests = _node.Requests;
        var early = await requests.WriteSliceAsync(new WriteSliceRequest(Volume, 1, slice, false), data, default);
        Assert.That(early.Outcome, Is.EqualTo(NodeOutcome.UnknownVolume));

        await AdmitAsync();
        var written = await requests.WriteSliceAsync(new WriteSliceRequest(Volume, 1, slice, false), data, default);
        Assert.That((written.Outcome, written.AvailableBytes > 0), Is.EqualTo((NodeOutcome.Ok, true)));
        var part = new byte[32768];
        var read = await requests.ReadSliceAsync(new ReadSliceRequest(Volume, slice, 65536, part.Length, true, false), part, default);
        Assert.That(read.Outcome, Is.EqualTo(NodeOutcome.Ok));
        Assert.That(read.BlockCrcs.Length, Is.EqualTo(7));
        Assert.That(part, Is.EqualTo(data.AsSpan(65536, part.Length).ToArray()));

        var inventory = await requests.InventoryAsync(new InventoryRequest(Volume, default, 10), default);
        Assert.That(inventory.Runs.ToArray(), Is.EqualTo(new[] { new SliceRun(slice.Id, 1) }));
        var verified = await requests.VerifySlicesAsync(
            new VerifySlicesRequest(Volume, new[] { slice.Id, new SliceId(9, 9) }), default);
        Assert.That(
            verified.Copies.ToArray(),
            Is.EqualTo(new[] { new SliceCopy(NodeOutcome.Ok, data.Length, slice.Crc32C), new SliceCopy(NodeOutcome.Absent, 0, 0) }));

        await AskAsync(new NewEpochRequest { Header = Header(5) });
        var fenced = await requests.WriteSliceAsync(new WriteSliceRequest(Volume, 4, slice, false), data, default);
        Assert.That(fenced.Outcome, Is.EqualTo(NodeOutcome.Fenced));
        await requests.DiscardSlicesAsync(new DiscardSlicesRequest(Volume, 5, new[] { slice.Id }), default);
        read = await requests.ReadSliceAsync(new ReadSliceRequest(Volume, slice, 0, part.Length, false, false), part, default);
        Assert.That(read.Outcome, Is.EqualTo(NodeOutcome.Absent));
    }

    [Test]
    public async Task Verification_and_scrub_see_a_flipped_byte_in_the_journal_and_the_next_append_mends_it()
    {
        var entries = Entries(600);
        await AdmitAsync();
        for (var at = 0; at < entries.Length; at += 200) await AskAsync(Append(entries, at, 200));
        FlipIn("journal-*.segment", entries[299].Payload.Span);

        var scrub = await _node.Requests.ScrubAsync(new ScrubRequest(Volume, default, 1 << 20), default);
        Assert.That((scrub.Outcome, scrub.DamagedEntries), Is.EqualTo((NodeOutcome.Ok, 1)));
        var copies = await _node.Requests.VerifyJournalAsync(new VerifyJournalRequest(Volume, 1, 16384), default);
        Assert.That(copies.Entries.Length, Is.EqualTo(600));
        for (var i = 0; i < 600; i++)
        {
            var expected = i == 299
                ? new EntryCopy(EntryPresence.Damaged, 0, 0, 0)
                : new EntryCopy(EntryPresence.Present, 1, entries[i].Chain, entries[i].PayloadCrc32C);
            Assert.That(copies.Entries.Span[i], Is.EqualTo(expected), $"entry {i + 1}");
        }

        var condition = _node.Requests.Condition(new NodeConditionRequest(Volume));
        Assert.That((condition.Limbo, condition.DamagedEntries, condition.Nonce), Is.EqualTo((true, 1, 1UL)));

        var nack = (AppendReply)await AskAsync(Append(entries, 599, 1));
        Assert.That((nack.Matched, nack.Position.Index), Is.EqualTo((false, 299UL)));
        var append = (AppendReply)await AskAsync(Append(entries, 299, 301, nonce: 1));
        Assert.That(append.Matched, Is.True);
        condition = _node.Requests.Condition(new NodeConditionRequest(Volume));
        Assert.That((condition.DamagedEntries, condition.LastIndex), Is.EqualTo((0, 600UL)));
    }

    [Test]
    public void A_directory_belongs_to_one_process_one_node_and_one_cluster()
    {
        Assert.That(() => Open(), Throws.TypeOf<NodeStartException>().With.Message.Contains("another process"));
        _node.Dispose();
        Assert.That(() => Open(node: "n2"), Throws.TypeOf<NodeStartException>().With.Message.Contains("another node"));
        Assert.That(
            () => Open(cluster: Guid.Empty), Throws.TypeOf<NodeStartException>().With.Message.Contains("another cluster"));
        _node = Open();
    }

    [Test]
    public async Task An_emptied_directory_is_another_incarnation_that_nobody_mistakes_for_the_old_one()
    {
        await AdmitAsync();
        var before = _node.Identity.Incarnation;
        _node.Dispose();
        Directory.Delete(_path, recursive: true);
        _node = Open();
        Assert.That(_node.Identity.Incarnation, Is.Not.EqualTo(before));
        var reply = await AskAsync(new NewEpochRequest { Header = Header(3) with { Incarnation = before } });
        Assert.That(reply.Header.Status, Is.EqualTo(NodeStatus.OtherIncarnation));
        reply = await AskAsync(new NewEpochRequest { Header = Header(3) });
        Assert.That(reply.Header.Status, Is.EqualTo(NodeStatus.NotAdmitted));
    }

    [Test]
    public async Task A_lost_journal_is_damage_and_a_rotten_superblock_copy_is_none()
    {
        await AdmitAsync();
        await AskAsync(Append(Entries(3)));
        await AskAsync(new NewEpochRequest { Header = Header(7) });
        _node.Dispose();
        var superblock = Path.Join(_path, "superblock");
        foreach (var offset in new[] { 80, 4096 + 80 })
        {
            var bytes = File.ReadAllBytes(superblock);
            bytes[offset] ^= 1;
            File.WriteAllBytes(superblock, bytes);
            _node = Open();
            var reply = (NewEpochReply)await AskAsync(new NewEpochRequest { Header = Header(7) });
            Assert.That((reply.Header.PromisedEpoch, reply.Last.Index, reply.Header.Limbo), Is.EqualTo((7UL, 3UL, LimboReason.None)));
            _node.Dispose();
        }

        foreach (var segment in Directory.GetFiles(_path, "journal-*.segment")) File.Delete(segment);
        _node = Open();
        var damaged = (NewEpochReply)await AskAsync(new NewEpochRequest { Header = Header(7) });
        Assert.That((damaged.Header.PromisedEpoch, damaged.Header.Limbo), Is.EqualTo((7UL, LimboReason.DamagedLog)));
    }

    private static JournalEntry[] Entries(int count)
    {
        var entries = new JournalEntry[count];
        ulong chain = 0;
        for (var i = 0; i < count; i++)
        {
            var payload = new byte[50 + i * 3];
            new Random(i).NextBytes(payload);
            entries[i] = JournalChain.Follow((ulong)i, chain, 1, JournalEntryType.Transaction, payload);
            chain = entries[i].Chain;
        }

        return entries;
    }

    private BackendNode Open(string node = "n1", Guid? cluster = null) => BackendNode.Open(
        new BackendNodeOptions
        {
            Node = node,
            DataDirectory = _path,
            Cluster = cluster ?? Cluster,
            JournalSegmentBytes = 8 << 20,
            SliceSegmentBytes = 8 << 20,
            Failed = _failures.Enqueue,
        },
        TimeProvider.System, NullLogger<BackendNode>.Instance);

    private void Restart()
    {
        _node.Dispose();
        _node = Open();
        Assert.That(_failures, Is.Empty);
    }

    private RequestHeader Header(ulong epoch) => new(Volume, epoch, 77, 0, _node.Identity.Incarnation, 0);

    private AppendRequest Append(JournalEntry[] entries, int from = 0, int count = int.MaxValue, ulong nonce = 0) => new()
    {
        Header = Header(1),
        Previous = from == 0 ? default : entries[from - 1].Id,
        Entries = entries.AsMemory(from, Math.Min(count, entries.Length - from)),
        CommitIndex = (ulong)entries.Length,
        EpochStartIndex = 1,
        EchoNonce = nonce,
    };

    private async Task AdmitAsync()
    {
        var reply = await AskAsync(new AdmitRequest { Header = Header(0) });
        Assert.That(reply.Header.Status, Is.EqualTo(NodeStatus.Ok));
    }

    private Task<NodeReply> AskAsync(NodeRequest request) => _replies.AskAsync(_node.Requests, request);

    private void FlipIn(string pattern, ReadOnlySpan<byte> content)
    {
        foreach (var path in Directory.GetFiles(_path, pattern))
        {
            var bytes = File.ReadAllBytes(path);
            var at = bytes.AsSpan().IndexOf(content);
            if (at < 0) continue;

            using var file = File.OpenHandle(path, FileMode.Open, FileAccess.Write, FileShare.ReadWrite);
            RandomAccess.Write(file, [(byte)(bytes[at + 3] ^ 8)], at + 3);
            return;
        }

        Assert.Fail("The content is in no file.");
    }

    private sealed class Replies : IJournalReplies
    {
        private readonly ConcurrentDictionary<ulong, TaskCompletionSource<NodeReply>> _waiting = new();
        private ulong _last;

        public Task<NodeReply> AskAsync(INodeRequests node, NodeRequest request)
        {
            var id = ++_last;
            var waiting = _waiting[id] = new TaskCompletionSource<NodeReply>(TaskCreationOptions.RunContinuationsAsynchronously);
            Assert.That(node.TryPostJournal(request, id, this), Is.True);
            return waiting.Task.WaitAsync(TimeSpan.FromSeconds(60));
        }

        public void Reply(ulong requestId, NodeReply reply) => _waiting[requestId].SetResult(reply);
    }
}
