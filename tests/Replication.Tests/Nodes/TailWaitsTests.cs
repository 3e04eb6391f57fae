using Gateway.Replication.Journal;
using Gateway.Replication.Links;
using Gateway.Replication.Nodes;
using Gateway.Replication.Quorum;
using Gateway.Replication.Tests.Quorum;

namespace Gateway.Replication.Tests.Nodes;

public sealed class TailWaitsTests
{
    private const int EntryBytes = 400_000;

    private QuorumBench _bench = null!;
    private TailWaits _waits = null!;
    private Answers _answers = null!;

    [SetUp]
    public void SetUp()
    {
        _bench = new QuorumBench(1);
        _waits = new TailWaits(_bench.Nodes[0]);
        _answers = new Answers();
        Append(commit: 0);
    }

    [TearDown]
    public void TearDown() => _bench.Dispose();

    [Test]
    public void A_question_is_kept_until_there_is_something_to_tell()
    {
        Ask(1, from: 1, milliseconds: 300);
        Serve();
        Assert.That(_answers.All, Is.Empty);
        Assert.That(_waits.UntilDue(_bench.Now), Is.EqualTo(TimeSpan.FromMilliseconds(300)));

        Append(commit: 1);
        Assert.That(_waits.UntilDue(_bench.Now), Is.EqualTo(TimeSpan.Zero));
        Serve();
        Assert.That(_answers.Tail(1).Entries.Length, Is.EqualTo(1));
        Assert.That(_waits.UntilDue(_bench.Now), Is.EqualTo(Timeout.InfiniteTimeSpan));
    }

    [Test]
    public void A_question_is_answered_when_its_time_is_over()
    {
        Ask(1, TailRequest.NoEntries, milliseconds: 300);
        _bench.Skip(299);
        Serve();
        Assert.That(_answers.All, Is.Empty);
        _bench.Skip(1);
        Serve();
        Assert.That(_answers.Tail(1).SinceHeartbeatNanoseconds, Is.EqualTo(300_000_000));
        Assert.That(_answers.Tail(1).Entries.IsEmpty);
    }

    [Test]
    public void No_question_waits_longer_than_the_bound()
    {
        Ask(1, TailRequest.NoEntries, milliseconds: int.MaxValue);
        _bench.Skip(TailRequest.WaitMillisecondsMax);
        Serve();
        Assert.That(_answers.All, Has.Count.EqualTo(1));
    }

    [Test]
    public void A_release_is_told_at_once()
    {
        Ask(1, TailRequest.NoEntries, milliseconds: 300);
        _bench.Ask(0, new ReleaseRequest { Header = _bench.HeaderOf(1, 1, 0) });
        Serve();
        Assert.That(_answers.Tail(1).ReleasedEpoch, Is.EqualTo(1));
    }

    [Test]
    public void Answers_and_turns_are_bounded_in_bytes_and_nobody_is_passed_over()
    {
        Append(commit: 6);
        for (var id = 1UL; id <= 3; id++) Ask(id, from: 1, milliseconds: 0, bytesMax: int.MaxValue);
        Serve();
        Assert.That(_answers.All.Keys, Is.EqualTo(new[] { 1UL }));
        Assert.That(_answers.Tail(1).Entries.Length, Is.EqualTo(3), "An answer ends behind the entry that passes a MiB.");
        Assert.That(_waits.UntilDue(_bench.Now), Is.EqualTo(TimeSpan.Zero));
        Serve();
        Serve();
        Assert.That(_answers.All.Keys, Is.EqualTo(new[] { 1UL, 2UL, 3UL }));
    }

    [Test]
    public void Only_so_many_are_kept_and_the_others_are_answered_with_what_there_is()
    {
        for (var id = 1UL; id <= TailWaits.WaitingMax + 2; id++) Ask(id, TailRequest.NoEntries, milliseconds: 300);
        Serve();
        Assert.That(_answers.All, Has.Count.EqualTo(2));
        _bench.Skip(300);
        Serve();
        Assert.That(_answers.All, Has.Count.EqualTo(TailWaits.WaitingMax + 2));
    }

    [Test]
    public void A_question_about_another_copy_or_volume_is_refused_at_once()
    {
        var header = _bench.HeaderOf(0, 0, 0);
        Ask(1, header with { Incarnation = header.Incarnation + 1 });
        Ask(2, header with { VolumeId = new Guid(9, 9, 9, new byte[8]) });
        Serve();
        Assert.That(_answers.All[1].Header.Status, Is.EqualTo(NodeStatus.OtherIncarnation));
        Assert.That(_answers.All[2].Header.Status, Is.EqualTo(NodeStatus.Refused));
    }

    private void Append(ulong commit)
    {
        var entries = new JournalEntry[6];
        for (var at = 0; at < entries.Length; at++)
        {
            entries[at] = JournalChain.Follow(
                (ulong)at, at == 0 ? 0 : entries[at - 1].Chain, 1, JournalEntryType.Transaction, new byte[EntryBytes]);
        }

        _bench.Ask(0, new AppendRequest
        {
            Header = _bench.HeaderOf(1, 1, 0),
            Previous = default,
            Entries = entries,
            CommitIndex = commit,
            EpochStartIndex = 1,
            EchoNonce = 0,
        });
    }

    private void Ask(ulong id, ulong from, int milliseconds, int bytesMax = 1000) => _waits.Add(
        new TailRequest
        {
            Header = _bench.HeaderOf(0, 0, 0),
            FromIndex = from,
            BytesMax = bytesMax,
            WaitMilliseconds = milliseconds,
        },
        id, _answers, _bench.Now);

    private void Ask(ulong id, in RequestHeader header) => _waits.Add(
        new TailRequest { Header = header, FromIndex = 1, BytesMax = 1000, WaitMilliseconds = 300 },
        id, _answers, _bench.Now);

    private void Serve() => _waits.Serve(_bench.Now);

    private sealed class Answers : IJournalReplies
    {
        public SortedDictionary<ulong, NodeReply> All { get; } = [];

        public TailReply Tail(ulong id) => (TailReply)All[id];

        public void Reply(ulong requestId, NodeReply reply) => All.Add(requestId, reply);
    }
}
