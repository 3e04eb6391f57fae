using Gateway.Replication.Journal;
using Gateway.Replication.Wire;

namespace Gateway.Replication.Owner;

/// <summary>Compares the committed journal entries of all nodes, as they are on the media.</summary>
internal sealed class JournalVerify(
    Guid volume, IReadOnlyList<NodePeer> peers, Differences differences, TimeProvider time)
{
    private const int EntriesPerRequest = 512;

    private static readonly TimeSpan CatchUpMax = TimeSpan.FromSeconds(2);
    private static readonly TimeSpan CatchUpPause = TimeSpan.FromMilliseconds(50);

    /// <summary>The number of entries compared, from the highest base on.</summary>
    public async Task<long> RunAsync(ulong commitIndex, CancellationToken cancellation)
    {
        var bases = await Task.WhenAll(peers.Select(peer => BaseOfAsync(peer, commitIndex, cancellation)));
        var from = bases.Max() + 1;
        var entries = 0L;
        while (from <= commitIndex)
        {
            var count = (int)Math.Min(EntriesPerRequest, commitIndex - from + 1);
            var copies = await Task.WhenAll(peers.Select(peer => ReadAsync(peer, from, count, cancellation)));
            for (var at = 0; at < count; at++) CompareEntry(from + (ulong)at, at, copies);
            entries += count;
            from += (ulong)count;
        }

        return entries;
    }

    // The slowest node may have the last entries a moment later than the majority: that is no difference.
    private async Task<ulong> BaseOfAsync(NodePeer peer, ulong commitIndex, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            if (await peer.ConditionAsync(volume, cancellation) is not { } condition) return 0;
            if (condition.LastIndex >= commitIndex || time.GetElapsedTime(began) > CatchUpMax)
                return condition.BaseIndex;
            await Task.Delay(CatchUpPause, time, cancellation);
        }
    }

    // Null when the node does not answer.
    private async Task<EntryCopy[]?> ReadAsync(NodePeer peer, ulong from, int count, CancellationToken cancellation)
    {
        if (!peer.IsUp) return null;
        var entries = await peer.VerifyJournalAsync(volume, from, count, cancellation);
        if (entries is null) differences.Note(peer, "journal", "does not answer");
        return entries;
    }

    private void CompareEntry(ulong index, int at, EntryCopy[]?[] copies)
    {
        // What most nodes have is what was committed; equal chains mean equal histories.
        var majority = copies.Where(entries => entries is not null && at < entries.Length)
            .Select(entries => entries![at])
            .Where(copy => copy.Presence == EntryPresence.Present)
            .GroupBy(copy => copy).OrderByDescending(group => group.Count()).FirstOrDefault()?.Key;
        for (var slot = 0; slot < copies.Length; slot++)
        {
            if (copies[slot] is not { } entries) continue;
            var copy = at < entries.Length ? entries[at] : new EntryCopy(EntryPresence.Absent, 0, 0, 0);
            if (copy.Presence == EntryPresence.Trimmed || copy == majority) continue;
            var problem = copy.Presence switch
            {
                EntryPresence.Absent => "is missing",
                EntryPresence.Damaged => "is damaged",
                _ => "is another entry than on the other nodes",
            };
            differences.Note(peers[slot], $"entry {index}", problem);
        }
    }
}
