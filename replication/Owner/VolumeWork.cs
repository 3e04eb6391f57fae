using System.Collections.Concurrent;
using Gateway.Replication.Slices;
using Gateway.Replication.Store;
using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Owner;

/// <summary>The work behind a served volume: heal, scrub, housekeeping.</summary>
internal sealed class VolumeWork : IAsyncDisposable
{
    private readonly VolumePeers _peers;
    private readonly Housekeeping _housekeeping;
    private readonly TakenVolume _taken;
    private readonly IVolumeStore _store;
    private readonly SpillDrain _drain;
    private readonly string _volume;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ConcurrentDictionary<NodePeer, NodeWork> _nodes = new();
    private Task _running = Task.CompletedTask;
    private bool _disposed;

    public VolumeWork(
        TakenVolume taken,
        VolumePeers peers,
        IVolumeStore store,
        Housekeeping housekeeping,
        ReplicationOptions options,
        TimeProvider time,
        ILogger logger)
    {
        (_peers, _housekeeping, _volume, _time, _logger) = (peers, housekeeping, options.Volume, time, logger);
        (_taken, _store) = (taken, store);
        Heal = new Heal(taken, peers, options, time, logger);
        Scrub = new Scrub(taken.Identity, store, Owed, options, time, logger);
        var readBack = new SliceReadBack(
            taken.Identity, peers, Owed, new RateLimit(options.HealBytesPerSecond, time));
        _drain = new SpillDrain(taken, readBack, time, logger);
    }

    public SliceClient Slices => _taken.Slices;

    public OwedSlices Owed => _taken.Owed;

    public Heal Heal { get; }

    public Scrub Scrub { get; }

    /// <summary>Completes when some of the work broke: the volume stops then.</summary>
    public Task Failed => _failed.Task;

    /// <param name="change">The change of the volume's members, which goes on until cancelled.</param>
    public void Start(Func<CancellationToken, Task> change)
    {
        foreach (var peer in _peers.Voters) Serve(peer);
        _running = Task.WhenAll(
            GuardAsync(Heal.RecordAsync, _closing.Token),
            GuardAsync(_housekeeping.RunAsync, _closing.Token),
            GuardAsync(_drain.RunAsync, _closing.Token),
            GuardAsync(change, _closing.Token));
    }

    /// <summary>
    /// From now on a node is healed and scrubbed, beginning with a comparison of what it has; of a witness, which has the
    /// journal alone, that is scrubbed.
    /// </summary>
    public void Serve(NodePeer peer)
    {
        peer.CameBack = NodeCameBack;
        if (!peer.IsWitness) Heal.Compare(peer);
        if (_nodes.ContainsKey(peer)) return;

        var leaving = CancellationTokenSource.CreateLinkedTokenSource(_closing.Token);
        var healing = peer.IsWitness
            ? Task.CompletedTask
            : GuardAsync(cancellation => Heal.RunAsync(peer, cancellation), leaving.Token);
        _nodes[peer] = new NodeWork(leaving, Task.WhenAll(
            healing, GuardAsync(cancellation => Scrub.RunAsync(peer, cancellation), leaving.Token)));
    }

    /// <summary>The node is no member any more.</summary>
    public async Task ForgetAsync(NodePeer peer)
    {
        if (_nodes.TryRemove(peer, out var work)) await work.DisposeAsync();
        Heal.Forget(peer);
    }

    public void NodeCameBack(NodePeer peer)
    {
        if (_nodes.ContainsKey(peer) && !peer.IsWitness) Heal.Compare(peer);
    }

    public void NodeCameBack(string node)
    {
        if (_peers.Find(node) is { } peer) NodeCameBack(peer);
    }

    public async Task ScrubAllAsync(CancellationToken cancellation)
    {
        foreach (var peer in _peers.Voters) await Scrub.RoundAsync(peer, null, cancellation);
    }

    public Task<VerifyResult> VerifyAsync(
        IEnumerable<SliceRef>? only, ulong commitIndex, CancellationToken cancellation) =>
        new Verify(_taken.Identity, _peers, _store, _time).RunAsync(only, commitIndex, cancellation);

    public async ValueTask DisposeAsync()
    {
        if (_disposed) return;
        _disposed = true;
        await _closing.CancelAsync();
        await _running;
        foreach (var work in _nodes.Values) await work.DisposeAsync();
        _closing.Dispose();
    }

    private async Task GuardAsync(Func<CancellationToken, Task> work, CancellationToken cancellation)
    {
        try
        {
            await Task.Yield();
            await work(cancellation);
        }
        catch (OperationCanceledException) when (cancellation.IsCancellationRequested)
        {
            // The volume stops, or the node has left.
        }
#pragma warning disable CA1031 // A loop boundary that poisons: the volume stops.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Log.BackgroundFailed(_logger, _volume, failure);
            _failed.TrySetResult();
        }
    }

    private sealed record NodeWork(CancellationTokenSource Leaving, Task Running) : IAsyncDisposable
    {
        public async ValueTask DisposeAsync()
        {
            await Leaving.CancelAsync();
            await Running;
            Leaving.Dispose();
        }
    }
}
