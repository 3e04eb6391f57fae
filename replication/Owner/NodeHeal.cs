using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Owner;

/// <summary>Heals one node, beside the others, so that a slow node holds up nobody but itself.</summary>
/// <remarks>
/// One loop, one slice at a time; <see cref="Wake"/> and <see cref="Compare"/> from any thread.
/// </remarks>
internal sealed class NodeHeal(
    NodePeer peer,
    Inventory inventory,
    SliceCopying copying,
    OwedSlices owed,
    Action changed,
    TimeProvider time,
    ILogger logger)
{
    private const int BatchMax = 64;

    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan PauseMin = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(5);

    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    private bool _compare;
    private int _passed;
    private long _copied;
    private long _begun;
    private long _ended;

    /// <summary>True while the inventory of the node, which is up, has not been compared.</summary>
    public bool IsComparing => peer.IsUp && Volatile.Read(ref _compare);

    /// <inheritdoc cref="Heal.ComparisonsOf"/>
    public (long Begun, long Ended) Comparisons => (Interlocked.Read(ref _begun), Interlocked.Read(ref _ended));

    public void Wake() => _wake.Writer.TryWrite(true);

    /// <summary>The node may lack anything: it came back, or its ledger was too long.</summary>
    public void Compare()
    {
        Volatile.Write(ref _compare, true);
        Wake();
    }

    public async Task RunAsync(CancellationToken cancellation)
    {
        var pause = PauseMin;
        while (!cancellation.IsCancellationRequested)
        {
            var before = _copied;
            var left = peer.IsUp && await ServeAsync(cancellation);
            changed();

            // What could not be done is tried again, ever more slowly while nothing can; else wait to be told.
            pause = left && _copied == before ? pause * 2 : PauseMin;
            if (pause > PauseMax) pause = PauseMax;
            if (left) await Task.Delay(pause, time, cancellation);
            else await _wake.Reader.ReadAsync(cancellation);
            await Task.Delay(Gather, time, cancellation);
        }
    }

    // True when the node still lacks something.
    private async Task<bool> ServeAsync(CancellationToken cancellation)
    {
        if (Volatile.Read(ref _compare) || owed.TakeOverflow(peer))
        {
            Volatile.Write(ref _compare, false);
            var number = Interlocked.Increment(ref _begun);
            if (await inventory.CompareAsync(peer, cancellation)) Interlocked.Exchange(ref _ended, number);
            else Volatile.Write(ref _compare, true);
        }

        var batch = owed.Peek(peer, BatchMax, _passed);
        if (batch.Count == 0) return Volatile.Read(ref _compare);

        var before = owed.CountOf(peer);
        foreach (var one in batch)
        {
            if (!await copying.CopyAsync(peer, one, cancellation)) return true;
            if (!owed.Owes(peer, one.Slice.Id)) _copied++;
        }

        var after = owed.CountOf(peer);
        if (after == 0) Log.Healed(logger, peer.Node, copying.Slices);
        else Wake();

        // Slices without any good copy stay; the next look is at those behind them.
        _passed = after >= before ? _passed + batch.Count : 0;
        return after >= before;
    }
}
