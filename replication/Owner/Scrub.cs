using Gateway.Replication.Slices;
using Gateway.Replication.Store;
using Gateway.Replication.Wire;
using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Owner;

/// <summary>
/// Lets the nodes read all their slices from the medium, at a set rate, and has the bad ones repaired.
/// </summary>
/// <remarks>One loop per node.</remarks>
internal sealed class Scrub(
    VolumeIdentity volume,
    IVolumeStore store,
    OwedSlices owed,
    ReplicationOptions options,
    TimeProvider time,
    ILogger logger)
{
    private const int StepBytes = 4 << 20;

    private long _scrubbedBytes;
    private long _rounds;

    public long ScrubbedBytes => Interlocked.Read(ref _scrubbedBytes);

    /// <summary>Rounds completed, over all nodes.</summary>
    public long Rounds => Interlocked.Read(ref _rounds);

    public async Task RunAsync(NodePeer peer, CancellationToken cancellation)
    {
        if (options.ScrubBytesPerSecond == 0) return;

        var rate = new RateLimit(options.ScrubBytesPerSecond, time);
        while (!cancellation.IsCancellationRequested)
        {
            await RoundAsync(peer, rate, cancellation);
            await Task.Delay(options.ScrubPause, time, cancellation);
        }
    }

    /// <summary>One round over a node; false when it did not answer to the end.</summary>
    public async Task<bool> RoundAsync(NodePeer peer, RateLimit? rate, CancellationToken cancellation)
    {
        var from = default(SliceId);
        do
        {
            if (await peer.ScrubAsync(volume.Volume, from, StepBytes, cancellation) is not { } reply
                || reply.Outcome != NodeOutcome.Ok)
            {
                return false;
            }

            Note(peer, reply.Damaged.Span);
            Interlocked.Add(ref _scrubbedBytes, reply.CheckedBytes);
            from = reply.Next;
            if (rate is not null) await rate.PaceAsync(reply.CheckedBytes, cancellation);
        }
        while (from != default);

        Interlocked.Increment(ref _rounds);
        return true;
    }

    private void Note(NodePeer peer, ReadOnlySpan<SliceId> damaged)
    {
        if (damaged.IsEmpty) return;
        using var snapshot = store.OpenSnapshot();
        foreach (var id in damaged)
        {
            // A damaged slice that nothing refers to is an orphan, and goes with them.
            if (!SystemRows.TryFindLiveSlice(snapshot, id, out var slice)) continue;
            if (!owed.Owes(peer, id)) peer.CountDamage();
            owed.Add(peer, slice, damaged: true);
            Log.ScrubFound(logger, peer.Node, id);
        }
    }
}
