using Gateway.Replication.Journal;
using Gateway.Replication.Quorum;

namespace Gateway.Simulation.Cluster;

/// <summary>
/// The omniscient observer: what was ever committed, acknowledged and read, and whether it still fits together
/// (PROTOCOL §2.10).
/// </summary>
internal sealed class History
{
    private readonly List<(JournalEntry Entry, ulong CommittedBy)> _truth = [];
    private readonly Dictionary<EntryId, ulong> _chains = [];
    private readonly HashSet<int> _slices = [];

    /// <summary>The first rule that was broken.</summary>
    public string? Violation { get; private set; }

    public ulong CommittedIndex => (ulong)_truth.Count;

    /// <summary>Highest index whose write was acknowledged to a client, or seen by a reader.</summary>
    public ulong ObservedIndex { get; private set; }

    /// <summary>What committed entries refer to and the journal itself does not hold.</summary>
    public IReadOnlySet<int> Slices => _slices;

    public int Acknowledged { get; private set; }

    public int Reads { get; private set; }

    public void Fail(string rule) => Violation ??= rule;

    public LogBase PositionOf(ulong index)
    {
        if (index == 0) return default;
        var entry = _truth[(int)index - 1].Entry;
        return new LogBase(entry.Index, entry.Epoch, entry.Chain);
    }

    /// <summary>I3: one identity, one history, on all nodes together.</summary>
    public void Stored(JournalEntry entry)
    {
        if (!_chains.TryAdd(entry.Id, entry.Chain) && _chains[entry.Id] != entry.Chain)
            Fail($"I3: {entry.Id} has two histories");
    }

    /// <summary>I5: a committed entry never changes.</summary>
    public void Committed(JournalEntry entry, ulong epoch)
    {
        if (entry.Index > CommittedIndex + 1)
        {
            Fail($"epoch {epoch} commits {entry.Id} behind a hole after {CommittedIndex}");
        }
        else if (entry.Index == CommittedIndex + 1)
        {
            _truth.Add((entry, epoch));
        }
        else
        {
            var (known, by) = _truth[(int)entry.Index - 1];
            if (known.Chain != entry.Chain)
                Fail($"I5: epoch {epoch} commits {entry.Id}, but epoch {by} had committed {known.Id}");
        }
    }

    /// <summary>I12: what a standby is told is committed, and as it was committed.</summary>
    public void Told(JournalEntry entry) => Told(new LogBase(entry.Index, entry.Epoch, entry.Chain));

    /// <inheritdoc cref="Told(JournalEntry)"/>
    public void Told(LogBase position)
    {
        if (position.Index > CommittedIndex) Fail($"I12: a standby is told of {position}, {CommittedIndex} are committed");
        else if (PositionOf(position.Index) != position) Fail($"I12: a standby is told of {position}, which was never committed");
    }

    public void Referenced(int slice) => _slices.Add(slice);

    /// <summary>I5: a new owner's log contains all that earlier owners committed.</summary>
    public void Recovered(OwnerCore owner)
    {
        var index = CommittedIndex;
        while (index > 0 && _truth[(int)index - 1].CommittedBy >= owner.Epoch) index--;
        if (index == 0) return;

        var (known, by) = _truth[(int)index - 1];
        if (owner.LastIndex < index)
            Fail($"I5: epoch {owner.Epoch} recovered {owner.LastIndex} of {index} entries that epoch {by} committed");
        else if (owner.Ring.Holds(index) && owner.Ring[index].Chain != known.Chain)
            Fail($"I5: epoch {owner.Epoch} recovered another history than epoch {by} committed at {known.Id}");
    }

    public void Acknowledge(ulong index)
    {
        Acknowledged++;
        if (index > CommittedIndex) Fail($"{index} was acknowledged and never committed");
        ObservedIndex = Math.Max(ObservedIndex, index);
    }

    /// <summary>A read that saw the state at an index; nothing newer was observable before it began.</summary>
    public void Read(ulong index, ulong observedBefore, ulong epoch)
    {
        Reads++;
        if (index < observedBefore)
            Fail($"I11: epoch {epoch} answers a read at {index}, {observedBefore} was observed before");
        ObservedIndex = Math.Max(ObservedIndex, index);
    }
}
