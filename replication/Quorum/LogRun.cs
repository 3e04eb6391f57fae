using Gateway.Replication.Journal;

namespace Gateway.Replication.Quorum;

/// <summary>Runs of neighbouring entries: read from a log, and checked before they are appended to one.</summary>
internal static class LogRun
{
    /// <summary>The present entries from an index on, and the state of the one behind them.</summary>
    public static (JournalEntry[] Run, EntryPresence Next) Read(IJournalLog log, ulong from, ulong to, int bytesMax)
    {
        var run = new List<JournalEntry>();
        long bytes = 0;
        for (var index = from; index <= to && bytes < bytesMax; index++)
        {
            var (presence, entry) = log.Read(index);
            if (presence != EntryPresence.Present) return ([.. run], presence);

            run.Add(entry!);
            bytes += entry!.Payload.Length + 1;
        }

        return ([.. run], EntryPresence.Present);
    }

    /// <summary>Stops when one identity has two histories (I3).</summary>
    public static void CheckSame(ulong chain, ulong other, EntryId id) =>
        Invariant.Holds(chain == other, $"I3: entry {id} exists with two histories.");

    /// <summary>Stops when the run does not continue the log's history, as far as the log knows it.</summary>
    public static void CheckFollows(IJournalLog log, ReadOnlySpan<JournalEntry> run)
    {
        var known = log.TryGetPosition(run[0].Index - 1, out var epoch, out var chain);
        foreach (var entry in run)
        {
            Invariant.Holds(
                !known || JournalChain.Follows(chain, entry) && entry.Epoch >= epoch,
                $"I3: entry {entry.Id} does not follow its predecessor.");
            (known, epoch, chain) = (true, entry.Epoch, entry.Chain);
        }
    }
}
