using Gateway.Replication.Journal;

namespace Gateway.Replication.Tests.Journal;

public sealed class JournalChainTests
{
    [Test]
    public void Binds_an_entry_to_its_history()
    {
        var first = JournalChain.Follow(0, JournalChain.Origin, 3, JournalEntryType.Transaction, new byte[] { 1, 2 });
        var second = JournalChain.Follow(first.Index, first.Chain, 3, JournalEntryType.Transaction, new byte[] { 3 });

        Assert.That(first.Index, Is.EqualTo(1));
        Assert.That(JournalChain.Follows(JournalChain.Origin, first));
        Assert.That(JournalChain.Follows(first.Chain, second));
        Assert.That(JournalChain.Follows(JournalChain.Origin, second), Is.False);
        Assert.That(JournalChain.Follows(first.Chain, second with { Epoch = 4 }), Is.False);
        Assert.That(JournalChain.Follows(first.Chain, second with { PayloadCrc32C = 1 }), Is.False);
        Assert.That(JournalChain.Follows(first.Chain, second with { Type = JournalEntryType.Handover }), Is.False);
    }
}
