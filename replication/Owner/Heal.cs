using System.Threading.Channels;
using Gateway.Replication.Store;
using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Owner;

/// <summary>
/// Copies to each node what it lacks, and nothing else: from the ledger of owed slices, and from a comparison of
/// inventories
/// whenever a node comes back. Starts by itself, at a bounded rate.
/// </summary>
/// <remarks>One loop; <see cref="Wake"/> and <see cref="Compare"/> from any thread.</remarks>
internal sealed class Heal(
    VolumeIdentity volume,
    IReadOnlyList<NodePeer> peers,
    IVolumeStore store,
    SliceFetch fetch,
    OwedSlices owed,
    ReplicationOptions options,
    TimeProvider time,
    ILogger logger)
{
    private const int BatchMax = 64;

    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(100);
    private static readonly TimeSpan PauseMin = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan PauseMax = TimeSpan.FromSeconds(5);

    private readonly Inventory _inventory = new(volume, store, owed);
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private readonly bool[] _compare = new bool[peers.Count];
    private readonly int[] _passed = new int[peers.Count];
    private readonly OwedRows _rows = new(peers, store, owed);
    private readonly SliceCopying _copying =
        new(volume, store, fetch, owed, new RateLimit(options.HealBytesPerSecond, time));

    public long HealedSlices => _copying.Slices;

    public long HealedBytes => _copying.Bytes;

    public long OrphansFreed => _inventory.OrphansFreed;

    /// <summary>True while the inventory of some node that is up has not been compared.</summary>
    public bool IsComparing => peers.Any(peer => peer.IsUp && Volatile.Read(ref _compare[peer.Slot]));

    public void Wake() => _wake.Writer.TryWrite(true);

    /// <summary>The node may lack anything: it came back, or its ledger was too long.</summary>
    public void Compare(NodePeer peer)
    {
        Volatile.Write(ref _compare[peer.Slot], true);
        Wake();
    }

    /// <summary>Loads what an earlier owner had recorded, then heals until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        _rows.Load();
        var pause = PauseMin;
        while (!cancellation.IsCancellationRequested)
        {
            var (left, before) = (false, HealedSlices);
            await _rows.RecordAsync(cancellation);
            foreach (var peer in peers) left |= peer.IsUp && await ServeAsync(peer, cancellation);

            // What could not be done is tried again, ever more slowly while nothing can; else wait to be told.
            pause = left && HealedSlices == before ? pause * 2 : PauseMin;
            if (pause > PauseMax) pause = PauseMax;
            if (left) await Task.Delay(pause, time, cancellation);
            else await _wake.Reader.ReadAsync(cancellation);
            await Task.Delay(Gather, time, cancellation);
        }
    }

    // True when the node still lacks something.
    private async Task<bool> ServeAsync(NodePeer peer, CancellationToken cancellation)
    {
        if (Volatile.Read(ref _compare[peer.Slot]) || owed.TakeOverflow(peer))
        {
            Volatile.Write(ref _compare[peer.Slot], false);
            if (!await _inventory.CompareAsync(peer, cancellation)) Volatile.Write(ref _compare[peer.Slot], true);
        }

        var batch = owed.Peek(peer, BatchMax, _passed[peer.Slot]);
        if (batch.Count == 0) return Volatile.Read(ref _compare[peer.Slot]);

        var before = owed.CountOf(peer);
        foreach (var one in batch)
        {
            if (!await _copying.CopyAsync(peer, one, cancellation)) return true;
        }

        var after = owed.CountOf(peer);
        if (after == 0) Log.Healed(logger, peer.Node, HealedSlices);
        else Wake();

        // Slices without any good copy stay; the next look is at those behind them.
        _passed[peer.Slot] = after >= before ? _passed[peer.Slot] + batch.Count : 0;
        return after >= before;
    }
}
