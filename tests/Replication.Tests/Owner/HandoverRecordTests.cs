using Gateway.Replication.Journal;
using Gateway.Replication.Owner;

namespace Gateway.Replication.Tests.Owner;

public sealed class HandoverRecordTests
{
    [TestCase(77UL, "gw2")]
    [TestCase(null, "")]
    public void It_survives_the_journal(ulong? verifier, string successor)
    {
        var written = new HandoverRecord(5, verifier, successor);
        Assert.That(HandoverRecord.Read(Entry(JournalEntryType.Handover, written.ToPayload())), Is.EqualTo(written));
    }

    [Test]
    public void Other_entries_and_those_of_earlier_versions_are_none()
    {
        var payload = new HandoverRecord(5, 77, "gw2").ToPayload();
        Assert.That(HandoverRecord.Read(null), Is.Null);
        Assert.That(HandoverRecord.Read(Entry(JournalEntryType.Transaction, payload)), Is.Null);
        Assert.That(HandoverRecord.Read(Entry(JournalEntryType.Handover, new byte[8])), Is.Null);
    }

    private static JournalEntry Entry(JournalEntryType type, byte[] payload) =>
        JournalChain.Follow(0, 0, 1, type, payload);
}
