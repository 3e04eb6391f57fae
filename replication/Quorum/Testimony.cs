using Gateway.Replication.Journal;

namespace Gateway.Replication.Quorum;

/// <summary>What one node said it has when it promised.</summary>
internal sealed class Testimony(int slot, NewEpochReply reply)
{
    public int Slot { get; } = slot;

    public EntryId Last { get; private set; } = reply.Last;

    public LogBase Base { get; } = reply.Base;

    public ulong CommitHint { get; } = reply.CommitHint;

    /// <summary>The node has all that it ever acknowledged, so that what it lacks it never had.</summary>
    public bool Complete { get; } = reply.Header.Limbo == LimboReason.None;

    /// <summary>The node is certain that it never had the entry that recovery misses.</summary>
    public bool NeverHad { get; private set; }

    private bool Sound => reply.Damaged.Count == 0;

    /// <summary>
    /// The highest last epoch, then the longest; of equal logs the sound one that reaches back furthest.
    /// </summary>
    public bool IsBetterThan(Testimony other, bool byEpoch)
    {
        if (byEpoch && Last.Epoch != other.Last.Epoch) return Last.Epoch > other.Last.Epoch;
        if (Last.Index != other.Last.Index) return Last.Index > other.Last.Index;
        if (Sound != other.Sound) return Sound;
        return Base.Index < other.Base.Index;
    }

    /// <summary>The rest of this log was never committed.</summary>
    public void EndAt(EntryId last) => Last = last;

    public void ClearNeverHad() => NeverHad = false;

    /// <summary>False when that was noted before.</summary>
    public bool NoteNeverHad() => !NeverHad && (NeverHad = true);
}
