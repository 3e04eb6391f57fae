using Gateway.Replication.Journal;
using Gateway.Simulation.Disks;

namespace Gateway.Simulation.Journal;

/// <summary>Drives a log and remembers what it acknowledged and what it may hold after a crash.</summary>
internal sealed class LogScript(JournalLog log)
{
    private readonly List<JournalEntry> _entries = [];

    /// <summary>Every state since the last acknowledged one, oldest first: a crash must leave one of them.</summary>
    public List<List<JournalEntry>> Possible { get; } = [[]];

    public JournalLog Log { get; set; } = log;

    public IReadOnlyList<JournalEntry> Entries => _entries;

    public void Append(ulong epoch, int payloadBytes, int count = 1)
    {
        for (var i = 0; i < count; i++)
        {
            var payload = new byte[payloadBytes];
            new Random(_entries.Count * 31 + payloadBytes).NextBytes(payload);
            var last = _entries.Count == 0 ? default : _entries[^1];
            var entry = JournalChain.Follow(
                last?.Index ?? 0, last?.Chain ?? 0, epoch, JournalEntryType.Transaction, payload);
            _entries.Add(entry);
            Possible.Add([.. _entries]);
            Log.Append([entry]);
        }
    }

    public void TruncateFrom(ulong index)
    {
        _entries.RemoveAll(e => e.Index >= index);
        Possible.Add([.. _entries]);
        Log.TruncateFrom(index);
    }

    public void Flush()
    {
        Log.Flush();
        Acknowledge();
    }

    public void Acknowledge()
    {
        Possible.Clear();
        Possible.Add([.. _entries]);
    }

    /// <summary>Goes on from the state that a crash left.</summary>
    public void Adopt(List<JournalEntry> state)
    {
        var kept = state.ToList();
        _entries.Clear();
        _entries.AddRange(kept);
        Acknowledge();
    }

    public static JournalLogOptions Options { get; } = new() { SegmentBytes = 32 << 10 };

    /// <summary>The entries readable in order, null in place of damaged ones.</summary>
    public static List<JournalEntry?> Content(JournalLog log)
    {
        var content = new List<JournalEntry?>();
        for (var index = log.Base.Index + 1; index <= log.LastIndex; index++)
        {
            var read = log.Read(index);
            Assert.That(read.Presence, Is.AnyOf(EntryPresence.Present, EntryPresence.Damaged));
            content.Add(read.Entry);
        }

        return content;
    }

    public static bool Same(List<JournalEntry?> content, IReadOnlyList<JournalEntry> expected)
    {
        if (content.Count != expected.Count) return false;
        for (var i = 0; i < content.Count; i++)
        {
            if (content[i] is not { } entry || entry.Id != expected[i].Id || entry.Chain != expected[i].Chain
                || !entry.Payload.Span.SequenceEqual(expected[i].Payload.Span))
            {
                return false;
            }
        }

        return true;
    }

    public static JournalLog Open(SimulatedDisk disk, bool suspect = false) =>
        JournalLog.Open(disk, Options with { Suspect = suspect });
}
