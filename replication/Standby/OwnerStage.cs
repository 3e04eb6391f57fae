using Gateway.Replication.Control;
using Gateway.Replication.Owner;
using Gateway.Replication.Store;
using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Standby;

/// <summary>A gateway while it owns its volume: runs the server, until the volume is lost, wanted elsewhere or given up.</summary>
internal sealed class OwnerStage(
    VolumeSite site, VolumeNews news, IControlPlane control, IVolumeServer server, VolumeSeatOptions options,
    Signal signal, ILogger logger)
{
    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(250);

    private readonly GuardedServer _server =
        new(server, site.Options.Volume, options.ServerStopTimeout, site.Time, logger);

    private volatile bool _abandons;
    private long _refusedWish;
    private long _wish;

    /// <summary>
    /// Returns when the server has ended and the volume is given up, or known to be lost; the caller disposes it.
    /// </summary>
    /// <param name="owned">The volume.</param>
    /// <param name="served">Called when clients are answered.</param>
    /// <param name="stop">Gives it up in good order.</param>
    public async Task<ServerStop> RunAsync(OwnedVolume owned, Action served, CancellationToken stop)
    {
        using var ended = CancellationTokenSource.CreateLinkedTokenSource(stop);
        _ = owned.Stopped.ContinueWith(
            _ => signal.Raise(), CancellationToken.None, TaskContinuationOptions.None, TaskScheduler.Default);
        await using var onStop = stop.UnsafeRegister(static state => ((Signal)state!).Raise(), signal);

        _abandons = false;
        var starting = _server.StartAsync(owned, ended.Token);
        if (await Task.WhenAny(starting, owned.Stopped) != starting) await ended.CancelAsync();
        if (!await starting) return await EndAsync(owned, await EndOfAsync(owned) ?? ServerStop.Shutdown);

        served();
        await using var presence = Announce(owned.Epoch);
        return await EndAsync(owned, await HoldAsync(owned, stop));
    }

    /// <summary>The volume was taken back although another gateway is wanted: that wish was tried, and is not again.</summary>
    public void TookBack() => _refusedWish = _wish;

    /// <summary>Leaves the volume as a crash would: nothing is flushed or released. For drills.</summary>
    public void Abandon()
    {
        _abandons = true;
        signal.Raise();
    }

    private Announcement Announce(ulong epoch) => new(
        control, VolumeKeys.OwnerOf(site.Options.Volume),
        ControlJson.Write(new OwnerPresence(options.Gateway, epoch, options.Addresses)),
        options.PresenceTimeToLive,
        json => ControlJson.Read<OwnerPresence>(json) is not { } found || found.Epoch < epoch,
        site.Time);

    private static async Task<ServerStop?> EndOfAsync(OwnedVolume owned)
    {
        if (!owned.Stopped.IsCompleted) return null;
        return await owned.Stopped == JournalStop.Fenced ? ServerStop.Fenced : ServerStop.Broken;
    }

    private async Task<ServerStop> HoldAsync(OwnedVolume owned, CancellationToken stop)
    {
        var lease = new LeaseWatch(site, options.LeaseLostAfter);
        while (true)
        {
            if (await EndOfAsync(owned) is { } ended) return ended;
            if (stop.IsCancellationRequested) return ServerStop.Shutdown;
            if (_abandons) return ServerStop.Abandoned;
            if (await lease.CheckAsync(owned) is { } lost) return lost;
            if (Successor() is not null) return ServerStop.HandOver;
            await signal.WaitAsync(LookAgain, CancellationToken.None);
        }
    }

    // The wanted gateway, when it is there and level; a wish that was tried in vain is not tried again.
    private string? Successor()
    {
        if (news.Placement is not { } wanted || wanted.Gateway == options.Gateway) return null;
        if (wanted.Version == _refusedWish || !news.Standbys.Contains(new StandbyPresence(wanted.Gateway, Ready: true))) return null;
        _wish = wanted.Version;
        return wanted.Gateway;
    }

    private async Task<ServerStop> EndAsync(OwnedVolume owned, ServerStop reason)
    {
        var began = site.Time.GetTimestamp();
        var isOrderly = reason is ServerStop.Shutdown or ServerStop.HandOver;
        if (!isOrderly)
        {
            StandbyLog.Lost(logger, site.Options.Volume, owned.Epoch, reason);
            await owned.FallSilentAsync();
        }

        var isFlushed = await _server.StopAsync(reason);
        if (!isOrderly) return reason;

        var successor = reason == ServerStop.HandOver ? news.Placement?.Gateway ?? "" : "";
        var clean = await owned.ReleaseAsync(isFlushed, successor);
        if (reason == ServerStop.HandOver)
        {
            StandbyLog.HandedOver(
                logger, site.Options.Volume, successor, clean, (long)site.Time.GetElapsedTime(began).TotalMilliseconds);
        }

        return reason;
    }
}
