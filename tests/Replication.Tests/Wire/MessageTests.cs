using Gateway.Replication.Journal;
using Gateway.Replication.Slices;
using Gateway.Replication.Wire;

namespace Gateway.Replication.Tests.Wire;

public sealed class MessageTests
{
    private static readonly Guid Volume = new("00112233-4455-6677-8899-aabbccddeeff");
    private static readonly SliceRef Slice = new(new SliceId(7, 99), 100_000, 0xDEADBEEF);

    [Test]
    public void Write_slice_survives_the_wire()
    {
        Check(new WriteSliceRequest(Volume, 8, Slice, true));
        Check(new WriteSliceReply(NodeOutcome.NoSpace, 12345));
    }

    [Test]
    public void Read_slice_survives_the_wire()
    {
        Check(new ReadSliceRequest(Volume, Slice, SliceLimits.BlockBytes, SliceLimits.BlockBytes, true, false));
        var reply = Check(new ReadSliceReply(NodeOutcome.Ok, new uint[] { 1, 2, 3, 0xFFFFFFFF }), compare: false);
        Assert.That(reply.BlockCrcs.ToArray(), Is.EqualTo(new uint[] { 1, 2, 3, 0xFFFFFFFF }));
    }

    [TestCase(1, 10)]
    [TestCase(-32768, 32768)]
    [TestCase(0, 0)]
    [TestCase(0, 100_001)]
    [TestCase(0, 5000)]
    [TestCase(98304, 1697)]
    public void A_read_outside_the_slice_or_off_its_blocks_is_a_violation(int offset, int length)
    {
        using var writer = new WireWriter();
        new ReadSliceRequest(Volume, Slice, offset, length, false, false).Write(writer);
        Assert.That(
            () => WireMessages.Decode<ReadSliceRequest>(writer.Memory), Throws.TypeOf<WireViolationException>());
    }

    [TestCase(0)]
    [TestCase(-1)]
    [TestCase(SliceLimits.BytesMax + 1)]
    public void A_slice_of_impossible_length_is_a_violation(int length)
    {
        using var writer = new WireWriter();
        new WriteSliceRequest(Volume, 8, Slice with { Length = length }, false).Write(writer);
        Assert.That(
            () => WireMessages.Decode<WriteSliceRequest>(writer.Memory), Throws.TypeOf<WireViolationException>());
    }

    [Test]
    public void Lists_survive_the_wire()
    {
        var ids = new SliceId[] { new(1, 2), new(3, 4) };
        Assert.That(
            Check(new DiscardSlicesRequest(Volume, 5, ids), compare: false).Slices.ToArray(), Is.EqualTo(ids));
        Check(new DiscardSlicesReply(NodeOutcome.Fenced));

        var runs = new SliceRun[] { new(new SliceId(1, 1), 10), new(new SliceId(1, 20), 1) };
        Check(new InventoryRequest(Volume, new SliceId(2, 3), 10));
        Assert.That(
            Check(new InventoryReply(NodeOutcome.Ok, runs, true), compare: false).Runs.ToArray(), Is.EqualTo(runs));

        Check(new ScrubRequest(Volume, new SliceId(2, 3), 10));
        Assert.That(
            Check(new ScrubReply(NodeOutcome.Ok, new SliceId(3, 4), 77, ids, 2), compare: false).Damaged.ToArray(),
            Is.EqualTo(ids));

        var copies = new SliceCopy[] { new(NodeOutcome.Ok, 5, 6), new(NodeOutcome.Absent, 0, 0) };
        Assert.That(
            Check(new VerifySlicesRequest(Volume, ids), compare: false).Slices.ToArray(), Is.EqualTo(ids));
        Assert.That(
            Check(new VerifySlicesReply(NodeOutcome.Ok, copies), compare: false).Copies.ToArray(), Is.EqualTo(copies));

        var entries = new EntryCopy[] { new(EntryPresence.Present, 1, 2, 3), new(EntryPresence.Trimmed, 0, 0, 0) };
        Check(new VerifyJournalRequest(Volume, 5, 100));
        Assert.That(
            Check(new VerifyJournalReply(NodeOutcome.Ok, entries), compare: false).Entries.ToArray(),
            Is.EqualTo(entries));
    }

    [Test]
    public void Status_survives_the_wire()
    {
        Check(new NodeConditionRequest(Volume));
        Check(new NodeCondition
        {
            Outcome = NodeOutcome.Ok,
            Limbo = true,
            Stalled = true,
            Full = true,
            Nonce = 1,
            PromisedEpoch = 2,
            BaseIndex = 3,
            LastIndex = 4,
            CommitHint = 5,
            DamagedEntries = 6,
            EntryDamageFound = 13,
            EntryDamageRepaired = 14,
            SliceCount = 7,
            SliceBytes = 8,
            DamagedSlices = 9,
            TotalBytes = 10,
            AvailableBytes = 11,
            FlushMicroseconds = 12,
        });
    }

    [Test]
    public void A_forged_count_reserves_nothing()
    {
        using var writer = new WireWriter();
        writer.WriteGuid(Volume);
        writer.WriteUInt64(2);
        writer.WriteInt32(FrameLimits.SliceIdsMax);
        Assert.That(
            () => WireMessages.Decode<DiscardSlicesRequest>(writer.Memory), Throws.TypeOf<WireViolationException>());
    }

    /// <summary>Round trip, every truncation and one trailing byte.</summary>
    private static TMessage Check<TMessage>(TMessage message, bool compare = true)
        where TMessage : IWireMessage<TMessage>
    {
        using var writer = new WireWriter();
        message.Write(writer);
        var bytes = writer.Memory.ToArray();
        var read = WireMessages.Decode<TMessage>(bytes);
        if (compare) Assert.That(read, Is.EqualTo(message));

        for (var length = 0; length < bytes.Length; length++)
        {
            var cut = bytes.AsMemory(0, length);
            Assert.That(() => WireMessages.Decode<TMessage>(cut), Throws.TypeOf<WireViolationException>());
        }

        Assert.That(
            () => WireMessages.Decode<TMessage>(bytes.Append((byte)0).ToArray()),
            Throws.TypeOf<WireViolationException>());
        return read;
    }
}
