using Gateway.Replication.Slices;
using Gateway.Replication.Store;
using Gateway.Replication.Wire;

namespace Gateway.Replication.Owner;

/// <summary>
/// Gets blocks of a slice from some node: the least busy one first, another when that is slow, down, or has a bad copy.
/// What comes is checked against the slice's own checksum; a bad copy is noted to be repaired.
/// </summary>
/// <remarks>Any thread.</remarks>
internal sealed class SliceFetch(
    VolumeIdentity volume,
    IReadOnlyList<NodePeer> peers,
    OwedSlices owed,
    BlockChecksums checksums,
    TimeProvider time)
{
    private static readonly TimeSpan HedgeMin = TimeSpan.FromMilliseconds(5);
    private static readonly TimeSpan HedgeMax = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan HedgeUnknown = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan GiveUpAfter = TimeSpan.FromSeconds(5);

    private readonly int[] _busy = new int[peers.Count];
    private uint _turn;
    private long _hedged;

    /// <summary>Reads that were asked of a second node because the first was slow.</summary>
    public long Hedged => Interlocked.Read(ref _hedged);

    /// <summary>Fetches whole blocks. The caller releases the run.</summary>
    /// <param name="except">A node not to ask, because its copy is to be replaced.</param>
    public async ValueTask<(StoreOutcome Outcome, CachedRun? Run)> FetchAsync(
        SliceRef slice, int start, int length, NodePeer? except, CancellationToken cancellation)
    {
        var began = time.GetTimestamp();
        while (true)
        {
            var (run, certain) = await FetchOnceAsync(slice, start, length, except, cancellation);
            if (run is not null) return (StoreOutcome.Ok, run);
            if (certain) return (StoreOutcome.Damaged, null);
            if (time.GetElapsedTime(began) > GiveUpAfter) return (StoreOutcome.Unavailable, null);
            await Task.Delay(RetryPause, time, cancellation);
        }
    }

    // Certain: every node answered, and none has an intact copy.
    private async Task<(CachedRun? Run, bool Certain)> FetchOnceAsync(
        SliceRef slice, int start, int length, NodePeer? except, CancellationToken cancellation)
    {
        var order = Order(slice.Id, except);
        var attempts = new List<Task<(Found Found, CachedRun? Run)>>(order.Count);
        var (asked, refused) = (0, 0);
        while (asked < order.Count || attempts.Count != 0)
        {
            var more = asked < order.Count;
            if (attempts.Count == 0 || more && await IsSlowAsync(attempts, order[asked - 1], cancellation))
                attempts.Add(AskAsync(order[asked++], slice, start, length, cancellation));
            if (asked == order.Count || attempts.Exists(attempt => attempt.IsCompleted))
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

        return (null, refused == peers.Count - (except is null ? 0 : 1));
    }

    // Nodes that can answer, those that lack the slice last; the rest in turns, the least busy first.
    private List<NodePeer> Order(SliceId slice, NodePeer? except)
    {
        var turn = (int)(Interlocked.Increment(ref _turn) % (uint)peers.Count);
        var order = new List<NodePeer>(peers.Count);
        for (var at = 0; at < peers.Count; at++)
        {
            var peer = peers[(turn + at) % peers.Count];
            if (peer != except && peer.IsUp) order.Add(peer);
        }

        if (order.Count < 2) return order;
        var best = long.MaxValue;
        foreach (var peer in order) best = Math.Min(best, Math.Max(1, peer.Latency.AverageTicks));
        return [.. order.OrderBy(peer => (Cost(peer, slice, best), Volatile.Read(ref _busy[peer.Slot])))];
    }

    private int Cost(NodePeer peer, SliceId slice, long bestTicks)
    {
        if (owed.Owes(peer, slice)) return 2;
        return peer.Condition is { Stalled: true } || peer.Latency.AverageTicks > 10 * bestTicks ? 1 : 0;
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

    private async Task<(Found Found, CachedRun? Run)> AskAsync(
        NodePeer peer, SliceRef slice, int start, int length, CancellationToken cancellation)
    {
        var blocks = checksums.Find(slice.Id);
        var whole = start == 0 && length == slice.Length;
        var request = new ReadSliceRequest(volume.Volume, slice, start, length, blocks is null && !whole);
        var sentAt = time.GetTimestamp();
        Interlocked.Increment(ref _busy[peer.Slot]);
        var answer = await peer.Slices.RequestAsync<ReadSliceRequest, ReadSliceReply>(
            FrameKind.ReadSlice, request, cancellation, length);
        Interlocked.Decrement(ref _busy[peer.Slot]);
        var run = new CachedRun(slice.Id, start, answer.Payload);
        var found = answer.Answered ? checksums.Judge(answer.Reply, slice, run, blocks, length) : Found.Nothing;
        if (found == Found.Good)
        {
            peer.Latency.Note(sentAt);
            return (found, run);
        }

        run.Release();
        if (found is Found.Damaged) peer.CountDamage();
        if (found is Found.Damaged or Found.Absent) owed.Add(peer, slice, found == Found.Damaged);
        return (found, null);
    }
}
