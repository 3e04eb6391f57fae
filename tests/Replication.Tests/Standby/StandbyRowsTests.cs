using System.Text;
using Gateway.Replication.Journal;
using Gateway.Replication.Owner;
using Gateway.Replication.Rows;
using Gateway.Replication.Standby;
using Gateway.Replication.Store;

namespace Gateway.Replication.Tests.Standby;

public sealed class StandbyRowsTests
{
    private const int HashEvery = 4;

    private readonly List<JournalEntry> _journal = [];
    private MemoryRowStore _store = null!;
    private StandbyRows _rows = null!;

    [SetUp]
    public void SetUp()
    {
        _journal.Clear();
        _store = new MemoryRowStore();
        _rows = new StandbyRows(_store, HashEvery);
    }

    [TearDown]
    public void TearDown() => _store.Dispose();

    [Test]
    public void Entries_are_applied_once_and_in_order()
    {
        for (var at = 1; at <= 3; at++) Add(JournalEntryType.EpochStart, []);
        _rows.Apply([_journal[1], _journal[2]]);
        Assert.That(_rows.Applied.Index, Is.Zero, "Something is missing before them.");
        _rows.Apply([_journal[0], _journal[1]]);
        _rows.Apply([.. _journal]);
        Assert.That(_rows.Applied.Index, Is.EqualTo(3));
        Assert.That(_rows.Applied.Chain, Is.EqualTo(_journal[2].Chain));
    }

    [Test]
    public void Entries_of_another_history_clear_the_rows()
    {
        Add(JournalEntryType.EpochStart, [1]);
        _rows.Apply([.. _journal]);
        _store.Stage(Row("a"), _rows.Applied);
        var other = JournalChain.Follow(1, 999, 1, JournalEntryType.EpochStart, new byte[] { 2 });
        Assert.That(() => _rows.Apply([other]), Throws.TypeOf<InvariantException>());
        Assert.That((_rows.Applied.Index, _store.Count), Is.EqualTo((0UL, 0L)));
        _rows.Apply([.. _journal]);
        Assert.That(_rows.Applied.Index, Is.EqualTo(1));
    }

    [Test]
    public void A_recorded_hash_that_the_rows_do_not_have_clears_them()
    {
        for (var at = 1; at <= HashEvery; at++) Add(JournalEntryType.EpochStart, []);
        Add(JournalEntryType.StateHash, new StateHashRecord(HashEvery, 1, 77).ToPayload());
        Assert.That(() => _rows.Apply([.. _journal]), Throws.TypeOf<InvariantException>());
        Assert.That(_rows.Applied.Index, Is.Zero);
    }

    [Test]
    public void The_recorded_hash_of_equal_rows_is_theirs()
    {
        for (var at = 1; at <= HashEvery; at++) Add(JournalEntryType.EpochStart, []);
        Add(JournalEntryType.StateHash, new StateHashRecord(HashEvery, 0, 0).ToPayload());
        _rows.Apply([.. _journal]);
        Assert.That(_rows.Applied.Index, Is.EqualTo(HashEvery + 1));
    }

    [Test]
    public void The_end_of_an_owner_is_remembered_while_it_is_the_last_entry()
    {
        Add(JournalEntryType.Handover, new HandoverRecord(1, 2, "gw2").ToPayload());
        _rows.Apply([.. _journal]);
        Assert.That(HandoverRecord.Read(_rows.Handover)!.Successor, Is.EqualTo("gw2"));
        Add(JournalEntryType.EpochStart, []);
        _rows.Apply([.. _journal]);
        Assert.That(_rows.Handover, Is.Null);
    }

    private static RowBatchReader Row(string key)
    {
        var batch = new RowBatchWriter();
        batch.Put(Encoding.UTF8.GetBytes(key), [1]);
        return new RowBatchReader(batch.Written);
    }

    private void Add(JournalEntryType type, byte[] payload)
    {
        var last = _journal.LastOrDefault();
        _journal.Add(JournalChain.Follow(last?.Index ?? 0, last?.Chain ?? 0, 1, type, payload));
    }
}
