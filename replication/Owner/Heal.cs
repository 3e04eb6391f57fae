using System.Collections.Concurrent;
using System.Threading.Channels;
using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Owner;

/// <summary>
/// Copies to each node what it lacks, and nothing else: from the ledger of owed slices, and from a comparison of
/// inventories whenever a node comes back. Starts by itself, at a rate that all nodes share, and gives way to clients.
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
    private readonly HealPace _pace;
    private readonly ILogger _logger;
    private readonly TimeProvider _time;
    private readonly Channel<bool> _changed = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });

    public Heal(TakenVolume taken, VolumePeers peers, ReplicationOptions options, TimeProvider time, ILogger logger)
    {
        var (volume, store, slices) = (taken.Identity, taken.Store, taken.Slices);
        (_owed, _time, _logger) = (taken.Owed, time, logger);
        var rows = new OwedRows(peers, store, _owed);
        _pace = new HealPace(options.HealBytesPerSecond, Served, time);
        _inventory = new Inventory(volume, store, _owed);
        _copying = new SliceCopying(volume, store, slices.Fetch, slices.Written, _owed, _pace);
        _rows = rows;
        _owed.Added = Added;

        // What clients change or read moves one of these. What heal itself commits does not; little else does.
        long Served() => (long)taken.Owner.CommitIndex - rows.Recorded + slices.WrittenBytes + slices.ReadBytes;
    }

    public long HealedSlices => _copying.Slices;

    public long HealedBytes => _copying.Bytes;

    public long OrphansFreed => _inventory.OrphansFreed;

    /// <summary>True while the inventory of some node that is up has not been compared.</summary>
    public bool IsComparing => _nodes.Values.Any(node => node.IsComparing);

    /// <summary>Bytes per second for all nodes together.</summary>
    public long BytesPerSecond
    {
        get => _pace.BytesPerSecond;
        set => _pace.BytesPerSecond = value;
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
