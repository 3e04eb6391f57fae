using System.Threading.Channels;
using Gateway.Replication.Store;
using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Owner;

/// <summary>
/// Copies to each node what it lacks, and nothing else: from the ledger of owed slices, and from a comparison of
/// inventories whenever a node comes back. Starts by itself, at a rate that all nodes share.
/// </summary>
/// <remarks>
/// One loop per node and one that records the ledger; <see cref="Compare"/> from any thread.
/// </remarks>
internal sealed class Heal
{
    private static readonly TimeSpan Gather = TimeSpan.FromMilliseconds(100);

    private readonly Inventory _inventory;
    private readonly SliceCopying _copying;
    private readonly OwedRows _rows;
    private readonly NodeHeal[] _nodes;
    private readonly TimeProvider _time;
    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public Heal(
        VolumeIdentity volume,
        IReadOnlyList<NodePeer> peers,
        IVolumeStore store,
        SliceFetch fetch,
        OwedSlices owed,
        ReplicationOptions options,
        TimeProvider time,
        ILogger logger)
    {
        _time = time;
        _inventory = new Inventory(volume, store, owed);
        _copying = new SliceCopying(volume, store, fetch, owed, new RateLimit(options.HealBytesPerSecond, time));
        _rows = new OwedRows(peers, store, owed);
        _nodes = [.. peers.Select(peer =>
            new NodeHeal(peer, _inventory, _copying, owed, Changed, time, logger))];
        owed.Added = Added;
    }

    public long HealedSlices => _copying.Slices;

    public long HealedBytes => _copying.Bytes;

    public long OrphansFreed => _inventory.OrphansFreed;

    /// <summary>True while the inventory of some node that is up has not been compared.</summary>
    public bool IsComparing => _nodes.Any(node => node.IsComparing);

    /// <summary>The node may lack anything: it came back, or its ledger was too long.</summary>
    public void Compare(NodePeer peer) => _nodes[peer.Slot].Compare();

    /// <summary>Heals one node until cancelled.</summary>
    public Task RunAsync(NodePeer peer, CancellationToken cancellation) => _nodes[peer.Slot].RunAsync(cancellation);

    /// <summary>Loads what an earlier owner had recorded, then records changes until cancelled.</summary>
    public async Task RecordAsync(CancellationToken cancellation)
    {
        _rows.Load();
        while (!cancellation.IsCancellationRequested)
        {
            await _rows.RecordAsync(cancellation);
            await _changed.Reader.ReadAsync(cancellation);
            await Task.Delay(Gather, _time, cancellation);
        }
    }

    private void Added(NodePeer peer)
    {
        _nodes[peer.Slot].Wake();
        Changed();
    }

    private void Changed() => _changed.Writer.TryWrite(true);
}
