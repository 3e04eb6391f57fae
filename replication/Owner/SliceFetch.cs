using Gateway.Replication.Slices;
using Gateway.Replication.Store;
using Gateway.Replication.Wire;

namespace Gateway.Replication.Owner;

/// <summary>
/// Gets blocks of a slice from some node: the same one each time for a slice, whose memory then holds it, as long as
/// that is up and not busy; another when it is slow or has a bad copy.
/// What comes is checked against the slice's own checksum; a bad copy is noted to be repaired. The rows of a spilled slice
/// come last.
/// </summary>
/// <remarks>Any thread.</remarks>
internal sealed class SliceFetch(
    VolumeIdentity volume,
    VolumePeers peers,
    OwedSlices owed,
    SpilledSlices spilled,
    BlockChecksums checksums,
    TimeProvider time)
{
    private static readonly TimeSpan HedgeMin = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan HedgeMax = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan HedgeUnknown = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(5);

    /// <summary>A node with so many more reads under way than another counts as busier.</summary>
    private const int BusyStep = 8;

    /// <summary>Among nodes this quick none is slow: one has the slice in memory, the other on its disk.</summary>
    private const long QuickTicks = 2 * TimeSpan.TicksPerMillisecond;

    private long _hedged;

    /// <summary>Reads that were asked of another node, or the rows, because the first was slow.</summary>
    public long Hedged => Interlocked.Read(ref _hedged);

    /// <summary>Fetches whole blocks. The caller releases the run.</summary>
    /// <param name="except">A node not to ask, because its copy is to be replaced.</param>
    public async ValueTask<(StoreOutcome Outcome, CachedRun? Run)> FetchAsync(
        SliceRef slice, int start, int length, NodePeer? except, CancellationToken cancellation)
    {
        // Most reads come at once, from the memory of the first node: no list, no timer, no other thread for those.
        Task<(Found Found, CachedRun? Run)>? begun = null;
        var first = Nearest(slice.Id, except);
        if (first is not null)
        {
            var asked = AskAsync(first, slice, start, length, cancellation);
            if (asked.IsCompletedSuccessfully)
            {
                var quick = await asked;
                if (quick.Run is not null) return (StoreOutcome.Ok, quick.Run);
                begun = Task.FromResult(quick);
            }
            else
            {
                begun = asked.AsTask();
            }
        }

        return await FetchSlowlyAsync(slice, start, length, except, first, begun, cancellation);
    }

    private async Task<(StoreOutcome Outcome, CachedRun? Run)> FetchSlowlyAsync(
        SliceRef slice, int start, int length, NodePeer? except, NodePeer? first,
        Task<(Found Found, CachedRun? Run)>? begun, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            var nodes = peers.Data;
            var order = Order(nodes, slice.Id, except);
            var attempts = new List<Task<(Found Found, CachedRun? Run)>>(order.Count);
            if (first is not null && begun is not null)
            {
                order.Remove(first);
                order.Insert(0, first);
                attempts.Add(begun);
            }

            var (run, certain) = await FetchOnceAsync(slice, start, length, except, order, attempts, cancellation);
            if (run is not null) return (StoreOutcome.Ok, run);
            if (certain && nodes == peers.Data) return (StoreOutcome.Damaged, null);
            if (time.GetElapsedTime(began) > GiveUpAfter) return (StoreOutcome.Unavailable, null);
            await Task.Delay(RetryPause, time, cancellation);
            begun = null;
        }
    }

    // Certain: every node answered, and none has an intact copy.
    private async Task<(CachedRun? Run, bool Certain)> FetchOnceAsync(
        SliceRef slice, int start, int length, NodePeer? except, List<NodePeer> order,
        List<Task<(Found Found, CachedRun? Run)>> attempts, CancellationToken cancellation)
    {
        // Behind the nodes the rows, as one more.
        var (asked, refused, sources) = (attempts.Count, 0, order.Count + 1);
        while (asked < sources || attempts.Count != 0)
        {
            var more = asked < sources;
            if (attempts.Count == 0 || more && await IsSlowAsync(attempts, order[asked - 1], cancellation))
                attempts.Add(AskNextAsync(order, asked++, slice, start, length, cancellation));
            if (asked == sources || attempts.Exists(attempt => attempt.IsCompleted))
                await Task.WhenAny(attempts);

            foreach (var done in attempts.FindAll(attempt => attempt.IsCompleted))
            {
                attempts.Remove(done);
                var (found, run) = await done;
                if (found == Found.Good)
                {
                    foreach (var late in attempts) _ = ReleaseLateAsync(late);
                    return (run, false);
                }

                if (found is Found.Damaged or Found.Absent) refused++;
            }
        }

        // Who is not asked is the one whose copy is to be replaced, and those that are down.
        return (null, refused == order.Count && AllAsked(order, except));
    }

    private Task<(Found Found, CachedRun? Run)> AskNextAsync(
        List<NodePeer> order, int asked, SliceRef slice, int start, int length, CancellationToken cancellation)
    {
        if (asked < order.Count) return AskAsync(order[asked], slice, start, length, cancellation).AsTask();

        var run = spilled.TryRead(slice, start, length);
        return Task.FromResult((run is null ? Found.Nothing : Found.Good, run));
    }

    private bool AllAsked(List<NodePeer> order, NodePeer? except) =>
        peers.Data.All(peer => peer == except || order.Contains(peer));

    private NodePeer? Nearest(SliceId slice, NodePeer? except)
    {
        var nodes = peers.Data;
        var best = BestTicks(nodes);
        NodePeer? nearest = null;
        var least = (int.MaxValue, int.MaxValue);
        for (var at = 0; at < nodes.Count; at++)
        {
            var peer = PeerAt(nodes, slice, at);
            if (peer == except || !peer.IsUp) continue;
            var rank = Rank(peer, slice, best);
            if (nearest is not null && rank.CompareTo(least) >= 0) continue;
            (nearest, least) = (peer, rank);
        }

        return nearest;
    }

    // Nodes that can answer, those that lack the slice last.
    private List<NodePeer> Order(IReadOnlyList<NodePeer> nodes, SliceId slice, NodePeer? except)
    {
        var order = new List<NodePeer>(nodes.Count);
        for (var at = 0; at < nodes.Count; at++)
        {
            var peer = PeerAt(nodes, slice, at);
            if (peer != except && peer.IsUp) order.Add(peer);
        }

        var best = BestTicks(nodes);
        return [.. order.OrderBy(peer => Rank(peer, slice, best))];
    }

    // Slices are spread over the nodes, each with its own order.
    private static NodePeer PeerAt(IReadOnlyList<NodePeer> nodes, SliceId slice, int at) =>
        nodes[(int)((slice.Sequence % (uint)nodes.Count + (uint)at) % (uint)nodes.Count)];

    private static long BestTicks(IReadOnlyList<NodePeer> nodes)
    {
        var best = long.MaxValue;
        foreach (var peer in nodes)
        {
            if (peer.IsUp) best = Math.Min(best, peer.Latency.AverageTicks);
        }

        return Math.Max(best, QuickTicks);
    }

    private (int Cost, int Busy) Rank(NodePeer peer, SliceId slice, long bestTicks) =>
        (Cost(peer, slice, bestTicks), peer.Busy / BusyStep);

    private int Cost(NodePeer peer, SliceId slice, long bestTicks)
    {
        if (owed.Owes(peer, slice)) return 2;
        return peer.Condition is { Stalled: true } || peer.Latency.AverageTicks / 10 > bestTicks ? 1 : 0;
    }

    private async Task<bool> IsSlowAsync(
        List<Task<(Found Found, CachedRun? Run)>> attempts, NodePeer last, CancellationToken cancellation)
    {
        var usual = last.Latency.Percentile95;
        var patience = usual == TimeSpan.Zero ? HedgeUnknown : usual * 2;
        if (patience < HedgeMin) patience = HedgeMin;
        if (patience > HedgeMax) patience = HedgeMax;

        using var waiting = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var timer = Task.Delay(patience, time, waiting.Token);
        var first = await Task.WhenAny([.. attempts, timer]);
        await waiting.CancelAsync();
        if (first != timer) return false;
        cancellation.ThrowIfCancellationRequested();
        Interlocked.Increment(ref _hedged);
        return true;
    }

    private static async Task ReleaseLateAsync(Task<(Found Found, CachedRun? Run)> attempt) =>
        (await attempt).Run?.Release();

    private async ValueTask<(Found Found, CachedRun? Run)> AskAsync(
        NodePeer peer, SliceRef slice, int start, int length, CancellationToken cancellation)
    {
        var sentAt = time.GetTimestamp();
        var asked = await AskAsync(peer, slice, start, length, isChecked: false, cancellation);

        // The node has not looked itself: it finds out what is wrong with its copy, and may have a good one on its disk.
        if (asked.Found == Found.Damaged)
            asked = await AskAsync(peer, slice, start, length, isChecked: true, cancellation);

        if (asked.Found == Found.Good) peer.Latency.Note(sentAt);
        if (asked.Found is Found.Damaged) peer.CountDamage();
        if (asked.Found is Found.Damaged or Found.Absent) owed.Add(peer, slice, asked.Found == Found.Damaged);
        return asked;
    }

    private async ValueTask<(Found Found, CachedRun? Run)> AskAsync(
        NodePeer peer, SliceRef slice, int start, int length, bool isChecked, CancellationToken cancellation)
    {
        var blocks = checksums.Find(slice.Id);
        var whole = start == 0 && length == slice.Length;
        var request = new ReadSliceRequest(
            volume.Volume, slice, start, length, blocks is null && !whole, isChecked);
        peer.ReadBegins();
        var answer = await peer.Slices.RequestAsync<ReadSliceRequest, ReadSliceReply>(
            FrameKind.ReadSlice, request, cancellation, length);
        peer.ReadEnds();
        var run = new CachedRun(slice.Id, start, answer.Payload);
        var found = answer.Answered ? checksums.Judge(answer.Reply, slice, run, blocks, length) : Found.Nothing;
        if (found == Found.Good) return (found, run);
        run.Release();
        return (found, null);
    }
}
