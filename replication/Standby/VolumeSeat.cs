using System.Diagnostics.CodeAnalysis;
using Gateway.Replication.Control;
using Gateway.Replication.Owner;
using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Standby;

/// <summary>
/// One volume at one gateway, its whole life: stands by, tries, owns and serves, stands by again, until it is stopped.
/// Losing the volume ends the server, not the process.
/// </summary>
/// <remarks>Any thread. One loop of its own; the server is called from it, one call at a time.</remarks>
[SuppressMessage("Maintainability", "CA1506", Justification = "The stages of a gateway's life with a volume meet here.")]
public sealed class VolumeSeat : IAsyncDisposable
{
    private static readonly TimeSpan ControlPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan FailurePause = TimeSpan.FromSeconds(5);

    private readonly VolumeSeatOptions _options;
    private readonly IControlPlane _control;
    private readonly IVolumeServer _server;
    private readonly TimeProvider _time;
    private readonly Random _random;
    private readonly ILogger _logger;
    private readonly VolumeSite _site;
    private readonly Signal _signal;
    private readonly CancellationTokenSource _stop = new();
    private Task _running = Task.CompletedTask;
    private VolumeNews? _news;
    private OwnerStage? _ownerStage;
    private volatile StandbyStage? _standby;
    private volatile OwnedVolume? _owned;
    private volatile TakeoverReport? _lastTakeover;
    private volatile string _state = "starting";
    private ulong _gaveUpEpoch;
    private bool _disposed;

    /// <param name="options">Volume, nodes, and this gateway's name.</param>
    /// <param name="control">Shared with the other gateways.</param>
    /// <param name="server">Started and stopped with ownership.</param>
    /// <param name="time">Its timestamps are the boot-time clock in nanoseconds (PROTOCOL §2.6).</param>
    /// <param name="random">For pauses that keep gateways from trying at the same time; used by the loop alone.</param>
    /// <param name="loggers">For what happens.</param>
    public VolumeSeat(
        VolumeSeatOptions options, IControlPlane control, IVolumeServer server, TimeProvider time, Random random,
        ILoggerFactory loggers)
    {
        options.Validate();
        (_options, _control, _server, _time, _random) = (options, control, server, time, random);
        _logger = loggers.CreateLogger<VolumeSeat>();
        _site = new VolumeSite(options.Replication, control, time, loggers);
        _signal = new Signal(time);
    }

    /// <summary>The volume, while this gateway owns it.</summary>
    public OwnedVolume? Owned => _owned;

    public VolumeStatus Status => Read() with
    {
        Gateway = _options.Gateway,
        Role = _owned is not null ? "owner" : _state,
        Owner = _news?.Owner?.Gateway,
        Wanted = _news?.Placement?.Gateway,
        LastTakeover = _lastTakeover,
    };

    /// <summary>Begins; a control plane that does not answer yet is asked again.</summary>
    public void Start() => _running = RunAsync();

    /// <summary>
    /// Asks for the volume to be owned by a gateway that stands by, and waits until that serves it.
    /// </summary>
    /// <exception cref="ControlPlaneException">The control plane does not answer; the volume may move all the same.</exception>
    public Task<MoveOutcome> MoveAsync(string gateway, CancellationToken cancellation) =>
        new VolumeMove(_control, _options.Replication.Volume, _time).RunAsync(gateway, cancellation);

    /// <summary>
    /// Leaves the volume as by a crash of this process, for a drill: nothing is flushed, released or said, and this gateway
    /// does not try to have it again before others had the time to. False when it does not own it.
    /// </summary>
    public bool TryAbandon()
    {
        if (_owned is null) return false;
        _ownerStage!.Abandon();
        return true;
    }

    /// <summary>Gives the volume up in good order, if it is owned, and ends.</summary>
    public async Task StopAsync()
    {
        await _stop.CancelAsync();
        await _running;
    }

    public async ValueTask DisposeAsync()
    {
        if (_disposed) return;
        _disposed = true;
        await StopAsync();
        if (_news is not null) await _news.DisposeAsync();
        await _site.DisposeAsync();
        _stop.Dispose();
    }

    private async Task RunAsync()
    {
        await Task.Yield();
        var notBefore = _time.GetTimestamp();
        while (!_stop.IsCancellationRequested)
        {
            var pause = TimeSpan.Zero;
            try
            {
                pause = await LiveOnceAsync(notBefore);
            }
            catch (OperationCanceledException) when (_stop.IsCancellationRequested)
            {
                // Stopped; the loop ends.
            }
            catch (ControlPlaneException failure)
            {
                StandbyLog.ControlAway(_logger, failure.Message);
                pause = ControlPause;
            }
#pragma warning disable CA1031 // A loop boundary: the rows are opened anew, and whatever is wrong stays in the log.
            catch (Exception failure)
#pragma warning restore CA1031
            {
                StandbyLog.Failed(_logger, _options.Replication.Volume, failure);
                _site.DistrustRows();
                pause = FailurePause;
            }

            notBefore = _time.GetTimestamp() + (long)(pause.TotalSeconds * _time.TimestampFrequency);
            _state = "waiting";
            if (_news is null) await PauseAsync(pause);
        }

        _state = "stopped";
    }

    private async Task PauseAsync(TimeSpan pause)
    {
        try
        {
            await Task.Delay(pause, _time, _stop.Token);
        }
        catch (OperationCanceledException)
        {
            // Stopped; the loop ends.
        }
    }

    // From standing by to no longer owning; how long to wait with the next try.
    private async Task<TimeSpan> LiveOnceAsync(long notBefore)
    {
        await OpenAsync();
        Takeover takeover;
        OwnedVolume? owned;
        await using (var stage = new StandbyStage(_site, _news!, _control, _options, _signal, _random))
        {
            takeover = await StandByAsync(stage, notBefore);
            if (!takeover.IsDue) return TimeSpan.Zero;

            // Still seen to be there: who handed the volume over to this gateway waits for it.
            _state = "taking";
            owned = await takeover.TryAsync(_stop.Token);
        }

        if (owned is null) return takeover.Pause;

        await using (owned)
        {
            try
            {
                _owned = owned;
                if (owned.Epoch == _gaveUpEpoch + 1) _ownerStage!.TookBack();
                var reason = await _ownerStage!.RunAsync(
                    owned, () => _lastTakeover = takeover.Report(owned), _stop.Token);
                _gaveUpEpoch = reason == ServerStop.HandOver ? owned.Epoch : 0;
                var isFailure = reason == ServerStop.Abandoned
                    || reason == ServerStop.Shutdown && !_stop.IsCancellationRequested;
                if (reason != ServerStop.Broken) return isFailure ? FailurePause : TimeSpan.Zero;
            }
            finally
            {
                _owned = null;
            }
        }

        _site.DistrustRows();
        return FailurePause;
    }

    private async Task OpenAsync()
    {
        if (_news is null || _site.Rows is null || !_site.Follows(_news.Record)) await _site.OpenAsync(_stop.Token);
        if (_news is not null) return;

        var volume = _options.Replication.Volume;
        _news = new VolumeNews(_control, volume, _site.Record, _time, _logger, _signal.Raise);
        _ownerStage = new OwnerStage(_site, _news, _control, _server, _options, _signal, _logger);
    }

    private async Task<Takeover> StandByAsync(StandbyStage stage, long notBefore)
    {
        StandbyLog.StandingBy(_logger, _options.Replication.Volume);
        try
        {
            (_standby, _state) = (stage, "standby");
            return new Takeover(_site, await stage.RunAsync(notBefore, _stop.Token), _logger);
        }
        finally
        {
            _standby = null;
            await stage.EndTailAsync();
        }
    }

    private VolumeStatus Read()
    {
        if (_owned is { } owned) return owned.Status;

        var status = VolumeStatusView.Unowned(_options.Replication.Volume, _state, _site.Peers);
        return _standby is not { } standby ? status : status with
        {
            Epoch = _news!.Record.Epoch,
            AppliedIndex = standby.Tail.AppliedIndex,
            BehindEntries = (long)standby.Tail.BehindEntries,
            BehindMilliseconds = (long)standby.Tail.Behind.TotalMilliseconds,
        };
    }
}
