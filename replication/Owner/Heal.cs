using System.Collections.Concurrent;
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
    private readonly OwedSlices _owed;
    private readonly ConcurrentDictionary<NodePeer, NodeHeal> _nodes = new();
    private readonly RateLimit _rate;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public Heal(
        VolumeIdentity volume,
        VolumePeers peers,
        IVolumeStore store,
        SliceClient slices,
        OwedSlices owed,
        ReplicationOptions options,
        TimeProvider time,
        ILogger logger)
    {
        (_owed, _time, _logger) = (owed, time, logger);
        _rate = new RateLimit(options.HealBytesPerSecond, time);
        _inventory = new Inventory(volume, store, owed);
        _copying = new SliceCopying(volume, store, slices.Fetch, slices.Written, owed, _rate);
        _rows = new OwedRows(peers, store, owed);
        owed.Added = Added;
    }

    public long HealedSlices => _copying.Slices;

    public long HealedBytes => _copying.Bytes;

    public long OrphansFreed => _inventory.OrphansFreed;

    /// <summary>True while the inventory of some node that is up has not been compared.</summary>
    public bool IsComparing => _nodes.Values.Any(node => node.IsComparing);

    /// <summary>Bytes per second for all nodes together.</summary>
    public long BytesPerSecond
    {
        get => _rate.BytesPerSecond;
        set => _rate.BytesPerSecond = value;
    }

    /// <summary>Comparisons of the node's inventory: the last one that was begun, the last one that came to its end.</summary>
    public (long Begun, long Ended) ComparisonsOf(NodePeer peer) => Of(peer).Comparisons;

    /// <summary>The node may lack anything: it came back, or its ledger was too long.</summary>
    public void Compare(NodePeer peer) => Of(peer).Compare();

    /// <summary>Heals one node until cancelled.</summary>
    public Task RunAsync(NodePeer peer, CancellationToken cancellation) => Of(peer).RunAsync(cancellation);

    /// <summary>The node has left.</summary>
    public void Forget(NodePeer peer)
    {
        _nodes.TryRemove(peer, out _);
        _owed.Forget(peer);
    }

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
        Of(peer).Wake();
        Changed();
    }

    private NodeHeal Of(NodePeer peer) => _nodes.GetOrAdd(
        peer,
        static (peer, heal) => new NodeHeal(
            peer, heal._inventory, heal._copying, heal._owed, heal.Changed, heal._time, heal._logger),
        this);

    private void Changed() => _changed.Writer.TryWrite(true);
}
