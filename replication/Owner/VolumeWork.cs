using Gateway.Replication.Slices;
using Gateway.Replication.Store;
using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Owner;

/// <summary>The work behind a served volume: heal, scrub, housekeeping.</summary>
internal sealed class VolumeWork : IAsyncDisposable
{
    private readonly IReadOnlyList<NodePeer> _peers;
    private readonly Housekeeping _housekeeping;
    private readonly TakenVolume _taken;
    private readonly IVolumeStore _store;
    private readonly string _volume;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _closing = new();
    private readonly TaskCompletionSource _failed = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private Task _running = Task.CompletedTask;
    private bool _disposed;

    public VolumeWork(
        TakenVolume taken,
        IReadOnlyList<NodePeer> peers,
        IVolumeStore store,
        Housekeeping housekeeping,
        ReplicationOptions options,
        TimeProvider time,
        ILogger logger)
    {
        (_peers, _housekeeping, _volume, _time, _logger) = (peers, housekeeping, options.Volume, time, logger);
        (_taken, _store) = (taken, store);
        Heal = new Heal(taken.Identity, peers, store, Slices.Fetch, Owed, options, time, logger);
        Scrub = new Scrub(taken.Identity, store, Owed, options, time, logger);
    }

    public SliceClient Slices => _taken.Slices;

    public OwedSlices Owed => _taken.Owed;

    public Heal Heal { get; }

    public Scrub Scrub { get; }

    /// <summary>Completes when some of the work broke: the volume stops then.</summary>
    public Task Failed => _failed.Task;

    public void Start()
    {
        foreach (var peer in _peers) Heal.Compare(peer);
        var tasks = new List<Task> { GuardAsync(Heal.RecordAsync), GuardAsync(_housekeeping.RunAsync) };
        foreach (var peer in _peers)
        {
            tasks.Add(GuardAsync(cancellation => Heal.RunAsync(peer, cancellation)));
            tasks.Add(GuardAsync(cancellation => Scrub.RunAsync(peer, cancellation)));
        }

        _running = Task.WhenAll(tasks);
    }

    public void NodeCameBack(NodePeer peer) => Heal.Compare(peer);

    public async Task ScrubAllAsync(CancellationToken cancellation)
    {
        foreach (var peer in _peers) await Scrub.RoundAsync(peer, null, cancellation);
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
        _closing.Dispose();
    }

    private async Task GuardAsync(Func<CancellationToken, Task> work)
    {
        try
        {
            await Task.Yield();
            await work(_closing.Token);
        }
        catch (OperationCanceledException) when (_closing.IsCancellationRequested)
        {
            // The volume stops.
        }
#pragma warning disable CA1031 // A loop boundary that poisons: the volume stops.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Log.BackgroundFailed(_logger, _volume, failure);
            _failed.TrySetResult();
        }
    }
}
