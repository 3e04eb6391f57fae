using System.Diagnostics.CodeAnalysis;
using Gateway.Replication.Control;
using Gateway.Replication.Quorum;
using Gateway.Replication.Rows;
using Gateway.Replication.Slices;
using Gateway.Replication.Store;
using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Owner;

/// <summary>
/// One volume, owned and served by this process: control record, links, journal, rows, slices, and the work behind
/// them (heal, scrub, space).
/// </summary>
/// <remarks>
/// Life: <see cref="StartAsync"/>, then <see cref="Store"/> is served; <see cref="Stopped"/> completes when the
/// volume ends by itself (fenced, broken), and the process should end too; <see cref="StopAsync"/> ends it in an
/// orderly way.
/// </remarks>
[SuppressMessage(
    "Maintainability", "CA1506", Justification = "The place where the parts of a volume are put together.")]
public sealed class VolumeHost : IAsyncDisposable
{
    private static readonly TimeSpan ReleaseTimeout = TimeSpan.FromSeconds(3);

    private readonly ReplicationOptions _options;
    private readonly VolumeAdmission _admission;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource<JournalStop> _stopped =
        new(TaskCreationOptions.RunContinuationsAsynchronously);
    private IReadOnlyList<NodePeer> _peers = [];
    private LmdbRowStore? _rows;
    private OwnerHost? _owner;
    private VolumeStore? _store;
    private VolumeWork? _work;
    private bool _stopping;

    public VolumeHost(
        ReplicationOptions options, IControlPlane control, TimeProvider time, ILoggerFactory loggers)
    {
        options.Validate();
        (_options, _time, _loggers) = (options, time, loggers);
        _logger = loggers.CreateLogger<VolumeHost>();
        _admission = new VolumeAdmission(new VolumeRecords(control), options, time, _logger);
    }

    /// <summary>The volume, once <see cref="StartAsync"/> has completed.</summary>
    public IVolumeStore Store => _store ?? throw new InvalidOperationException("The volume is not started.");

    /// <summary>Completes when the volume is no longer served.</summary>
    public Task<JournalStop> Stopped => _stopped.Task;

    public VolumeStatus Status => VolumeStatusView.Read(_options.Volume, _owner, _rows, _peers, _work, _store);

    /// <summary>
    /// Takes the volume and brings it to where it can be served; waits for a majority of nodes (for all, when the
    /// volume is new) as long as it takes.
    /// </summary>
    /// <exception cref="VolumeLostException">It cannot be taken.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        var began = _time.GetTimestamp();
        await _admission.LoadAsync(cancellation);
        _peers = ConnectPeers(_admission.Record);
        await _admission.AdmitFreshAsync(_peers, cancellation);
        _rows = LmdbRowStore.Open(_options.RowsDirectory);
        var taking = new VolumeTaking(_admission, _peers, _rows, _options, _time, _loggers);
        var taken = await taking.TakeAsync(cancellation);
        _owner = taken.Owner;
        _store = taken.Store;

        var housekeeping = new Housekeeping(taken.Identity, _peers, taken.Slices, _time);
        await housekeeping.AskAllAsync(cancellation);
        if (!await _owner.BeginAsync(_store, VolumeRecords.ToUtf8(_admission.Record), cancellation))
            throw new VolumeLostException($"Volume {_options.Volume} was lost while it was taken.");

        Log.Established(
            _logger, _options.Volume, _owner.Epoch, _owner.EpochStartIndex,
            (long)_time.GetElapsedTime(began).TotalMilliseconds);
        _work = new VolumeWork(taken, _peers, _store, housekeeping, _options, _time, _logger);
        _work.Start();
        _ = FollowAsync();
    }

    /// <summary>
    /// Reads every copy from the nodes' media and compares; all live slices and the journal, or only some slices.
    /// </summary>
    public Task<VerifyResult> VerifyAsync(IEnumerable<SliceRef>? only, CancellationToken cancellation) =>
        _work!.VerifyAsync(only, _owner!.CommitIndex, cancellation);

    /// <summary>One round of scrub over all nodes, now and as fast as they are.</summary>
    public Task ScrubAsync(CancellationToken cancellation) => _work!.ScrubAllAsync(cancellation);

    /// <summary>Writes a checkpoint now; false when the nodes do not take it.</summary>
    public async Task<bool> CheckpointAsync() => await _store!.WriteCheckpointAsync() is not null;

    /// <summary>Ends the background work, hands the volume over, closes rows and links. Within five seconds.</summary>
    public async Task StopAsync()
    {
        if (_stopping) return;
        _stopping = true;
        await _closing.CancelAsync();
        if (_work is not null) await _work.DisposeAsync();
        if (_owner is not null)
        {
            var clean = _store is not null && await _owner.ReleaseAsync(ReleaseTimeout);
            Log.Released(_logger, _options.Volume, clean);
            await _owner.DisposeAsync();
        }

        if (_store is not null) await _store.DisposeAsync();
        _rows?.Dispose();
        foreach (var peer in _peers) await peer.DisposeAsync();
        _stopped.TrySetResult(JournalStop.Closed);
    }

    public async ValueTask DisposeAsync()
    {
        await StopAsync();
        _admission.Dispose();
        _closing.Dispose();
        _rows?.Dispose();
    }

    private NodePeer[] ConnectPeers(VolumeRecord record)
    {
        var peers = new NodePeer[record.Members.Count];
        for (var slot = 0; slot < peers.Length; slot++)
        {
            var address = _options.Nodes.Single(node => node.Node == record.Members[slot].NodeId);
            peers[slot] = new NodePeer(slot, address, _options, _time, _logger)
            {
                CameBack = peer => _work?.NodeCameBack(peer),
            };
        }

        _admission.Replaced = slot => _work?.NodeCameBack(peers[slot]);
        foreach (var peer in peers) peer.Start();
        return peers;
    }

    private async Task FollowAsync()
    {
        var first = await Task.WhenAny(_store!.Stopped, _work!.Failed);
        var reason = first == _store.Stopped ? await _store.Stopped : JournalStop.Broken;
        if (reason == JournalStop.Broken && _owner is not null) await _owner.DisposeAsync();
        _stopped.TrySetResult(reason);
    }
}
