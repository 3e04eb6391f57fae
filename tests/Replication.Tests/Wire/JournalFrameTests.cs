using Gateway.Replication.Disks;
using Gateway.Replication.Journal;
using Gateway.Replication.Quorum;
using Gateway.Replication.Wire;

namespace Gateway.Replication.Tests.Wire;

public sealed class JournalFrameTests
{
    private static readonly RequestHeader Header = new(
        new Guid("00112233-4455-6677-8899-aabbccddeeff"), 2, ulong.MaxValue, 4, 5, long.MaxValue);

    private static readonly LogBase Base = new(10, 2, 77);

    private static readonly JournalEntry[] Entries =
    [
        JournalChain.Follow(10, 77, 2, JournalEntryType.EpochStart, new byte[] { 1 }),
        JournalChain.Follow(11, 78, 3, JournalEntryType.Transaction, Array.Empty<byte>()),
    ];

    private static IEnumerable<NodeRequest> Requests()
    {
        yield return new AdmitRequest { Header = Header };
        yield return new TrimRequest { Header = Header, UpToIndex = 7, CheckpointIndex = 9 };
        yield return new ReleaseRequest { Header = Header };
        yield return new InstallBaseRequest { Header = Header, Base = Base };
        yield return new NewEpochRequest { Header = Header };
        yield return new AppendRequest
        {
            Header = Header,
            Previous = new EntryId(10, 2),
            Entries = Entries,
            CommitIndex = 6,
            EpochStartIndex = 7,
            EchoNonce = 8,
        };
        yield return new FetchRequest { Header = Header, FromIndex = 1, ToIndex = ulong.MaxValue, BytesMax = 100 };
        yield return new TailRequest
        {
            Header = Header,
            FromIndex = 1,
            BytesMax = 100,
            WaitMilliseconds = 250,
            KnownReleasedEpoch = 3,
        };
    }

    private static IEnumerable<NodeReply> Replies()
    {
        var header = new ReplyHeader
        {
            Status = NodeStatus.Refused,
            PromisedEpoch = 1,
            Nonce = 2,
            Incarnation = 3,
            ConfigGeneration = 4,
            FlushedIndex = 5,
            SentAt = 6,
            Limbo = LimboReason.LogReplaced,
            Stalled = true,
            Space = new DiskSpace(7, 8),
        };
        yield return new PlainReply { Header = header };
        yield return new AppendReply { Header = header, Matched = true, Position = new EntryId(9, 1) };
        yield return new NewEpochReply
        {
            Header = header,
            Last = new EntryId(12, 3),
            Base = Base,
            CommitHint = 11,
            Damaged = [new EntryId(4, 1), new EntryId(5, 0)],
            SinceHeartbeatNanoseconds = 13,
            HeartbeatEpoch = 14,
            ReleasedEpoch = 15,
        };
        yield return new FetchReply
        {
            Header = header,
            FromIndex = 11,
            Previous = new EntryId(10, 2),
            Entries = Entries,
            Next = EntryPresence.Damaged,
            NextId = new EntryId(13, 3),
            Base = Base,
            CommitHint = 9,
        };
        yield return new FetchReply
        {
            Header = header,
            FromIndex = 11,
            Previous = null,
            Entries = default,
            Next = EntryPresence.Trimmed,
            Base = Base,
            CommitHint = 9,
        };
        yield return new TailReply
        {
            Header = header,
            FromIndex = 11,
            Entries = Entries,
            Next = EntryPresence.Absent,
            Base = Base,
            CommitHint = 12,
            SinceHeartbeatNanoseconds = 13,
            HeartbeatEpoch = 14,
            ReleasedEpoch = 15,
        };
    }

    [TestCaseSource(nameof(Requests))]
    public void A_request_survives_the_wire_and_no_truncation_does(NodeRequest request)
    {
        var read = Check(new JournalRequestFrame(request)).Request;
        Assert.That(read.GetType(), Is.EqualTo(request.GetType()));
        Assert.That(read.Header, Is.EqualTo(request.Header));
    }

    [TestCaseSource(nameof(Replies))]
    public void A_reply_survives_the_wire_and_no_truncation_does(NodeReply reply)
    {
        var read = Check(new JournalReplyFrame(reply)).Reply;
        Assert.That(read.GetType(), Is.EqualTo(reply.GetType()));
        Assert.That(read.Header, Is.EqualTo(reply.Header));
    }

    [Test]
    public void Unknown_kinds_are_violations()
    {
        Assert.That(
            () => WireMessages.Decode<JournalRequestFrame>(new byte[100]), Throws.TypeOf<WireViolationException>());
        Assert.That(
            () => WireMessages.Decode<JournalReplyFrame>(new byte[100]), Throws.TypeOf<WireViolationException>());
    }

    // What is read is written again: equal bytes mean that nothing was lost on the way.
    private static TFrame Check<TFrame>(TFrame frame)
        where TFrame : IWireMessage<TFrame>
    {
        using var writer = new WireWriter();
        frame.Write(writer);
        var bytes = writer.Memory.ToArray();
        var read = WireMessages.Decode<TFrame>(bytes);
        using var again = new WireWriter();
        read.Write(again);
        Assert.That(again.Memory.ToArray(), Is.EqualTo(bytes));
        for (var length = 0; length < bytes.Length; length++)
        {
            var cut = bytes.AsMemory(0, length);
            Assert.That(() => WireMessages.Decode<TFrame>(cut), Throws.TypeOf<WireViolationException>());
        }

        return read;
    }
}
