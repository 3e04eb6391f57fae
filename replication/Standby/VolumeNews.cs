using Gateway.Replication.Control;
using Gateway.Replication.Quorum;
using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Standby;

/// <summary>What the control plane says about one volume, as it was last heard.</summary>
/// <remarks>Any thread. It may be old: nothing but when to try rests on it.</remarks>
internal sealed class VolumeNews : IAsyncDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(500);

    private readonly IControlPlane _control;
    private readonly string _volume;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Action _changed;
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _watching;
    private volatile Known _known;
    private long _epochSince;

    /// <param name="control">Watched from now on.</param>
    /// <param name="volume">Its name.</param>
    /// <param name="record">Its record as it was read last.</param>
    /// <param name="time">For pauses, and for how long an epoch has been known.</param>
    /// <param name="logger">Told when the control plane does not answer.</param>
    /// <param name="changed">Called after each change; must not block.</param>
    public VolumeNews(
        IControlPlane control, string volume, VolumeRecord record, TimeProvider time, ILogger logger, Action changed)
    {
        (_control, _volume, _time, _logger, _changed) = (control, volume, time, logger, changed);
        _known = new Known(record, null, 0, null, [], new Dictionary<string, int>());
        _epochSince = time.GetTimestamp();
        _watching = Task.WhenAll(
            WatchAsync(VolumeRecords.Key(volume), NoteRecord),
            WatchAsync(VolumeKeys.PlacementOf(volume), NotePlacement),
            WatchAsync(VolumeKeys.Alive, NoteAlive));
    }

    public VolumeRecord Record => _known.Record;

    /// <summary>How long the record's epoch has been known here.</summary>
    public TimeSpan EpochAge => _time.GetElapsedTime(Volatile.Read(ref _epochSince));

    /// <summary>The gateway that is wanted, and the version of that wish; null when there is none.</summary>
    public (string Gateway, long Version)? Placement =>
        _known is { Placement: { } wanted } known ? (wanted.Gateway, known.PlacementVersion) : null;

    public OwnerPresence? Owner => _known.Owner;

    public IReadOnlyList<StandbyPresence> Standbys => _known.Standbys;

    /// <summary>How many volumes each gateway serves.</summary>
    public IReadOnlyDictionary<string, int> VolumesOwned => _known.VolumesOwned;

    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _watching;
        _closing.Dispose();
    }

    private async Task WatchAsync(string prefix, Func<Known, ControlView, Known> note)
    {
        await Task.Yield();
        var isAway = false;
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                await foreach (var view in _control.WatchAsync(prefix, _closing.Token))
                {
                    isAway = false;
                    Change(known => note(known, view));
                }
            }
            catch (OperationCanceledException)
            {
                // Closing; the loop ends.
            }
            catch (ControlPlaneException failure)
            {
                if (!isAway) StandbyLog.ControlAway(_logger, failure.Message);
                isAway = true;
                await PauseAsync();
            }
        }
    }

    // By reference: equal records are not the same one, and what was heard between them would be lost.
    private void Change(Func<Known, Known> change)
    {
        Known before, after;
        do
        {
            before = _known;
            after = change(before);
        }
        while (!ReferenceEquals(Interlocked.CompareExchange(ref _known, after, before), before));

        if (after.Record.Epoch != before.Record.Epoch) Volatile.Write(ref _epochSince, _time.GetTimestamp());
        _changed();
    }

    private Known NoteRecord(Known known, ControlView view) =>
        view.Values.TryGetValue(VolumeRecords.Key(_volume), out var value)
        && ControlJson.Read<VolumeRecord>(value.Json) is { } record
            ? known with { Record = record }
            : known;

    private Known NotePlacement(Known known, ControlView view)
    {
        var value = view.Values.GetValueOrDefault(VolumeKeys.PlacementOf(_volume));
        return known with
        {
            Placement = value is null ? null : ControlJson.Read<Placement>(value.Json),
            PlacementVersion = value?.Version ?? 0,
        };
    }

    private Known NoteAlive(Known known, ControlView view)
    {
        OwnerPresence? owner = null;
        var standbys = new List<StandbyPresence>();
        var owned = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var (key, value) in view.Values)
        {
            if (VolumeKeys.IsOwner(key) && ControlJson.Read<OwnerPresence>(value.Json) is { } serving)
            {
                if (key == VolumeKeys.OwnerOf(_volume)) owner = serving;
                owned[serving.Gateway] = owned.GetValueOrDefault(serving.Gateway) + 1;
            }
            else if (key.StartsWith(VolumeKeys.StandbysOf(_volume), StringComparison.Ordinal)
                && ControlJson.Read<StandbyPresence>(value.Json) is { } standby)
            {
                standbys.Add(standby);
            }
        }

        return known with { Owner = owner, Standbys = standbys, VolumesOwned = owned };
    }

    private async Task PauseAsync()
    {
        try
        {
            await Task.Delay(RetryPause, _time, _closing.Token);
        }
        catch (OperationCanceledException)
        {
            // Closing; the loop ends.
        }
    }

    private sealed record Known(
        VolumeRecord Record, Placement? Placement, long PlacementVersion, OwnerPresence? Owner,
        IReadOnlyList<StandbyPresence> Standbys, IReadOnlyDictionary<string, int> VolumesOwned);
}
