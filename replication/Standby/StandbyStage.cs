using Gateway.Replication.Control;
using Gateway.Replication.Owner;

namespace Gateway.Replication.Standby;

/// <summary>Why to take a volume, and after which epoch.</summary>
/// <param name="Cause">Not <see cref="TakeoverCause.None"/>.</param>
/// <param name="Epoch">What the decision rests on: when the record has another one, it no longer holds.</param>
/// <param name="Detected">How long it took to see the cause.</param>
internal sealed record TakeoverDecision(TakeoverCause Cause, ulong Epoch, TimeSpan Detected);

/// <summary>
/// A gateway while it stands by: keeps its rows level, decides when to try, and is known to be there until it is disposed.
/// </summary>
internal sealed class StandbyStage : IAsyncDisposable
{
    /// <summary>Entries that a standby may lack and still be ready: they are fetched in a blink.</summary>
    private const ulong ReadyBehindMax = 2000;

    private static readonly TimeSpan LookAgain = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RivalPause = TimeSpan.FromMilliseconds(50);

    private readonly VolumeSite _site;
    private readonly VolumeNews _news;
    private readonly string _gateway;
    private readonly Signal _signal;
    private readonly Random _random;
    private readonly Announcement _presence;
    private TakeoverCause _cause;
    private long _causeSince;
    private double _luck;
    private bool _tailEnded;

    public StandbyStage(
        VolumeSite site, VolumeNews news, IControlPlane control, VolumeSeatOptions options, Signal signal, Random random)
    {
        (_site, _news, _gateway, _signal, _random) = (site, news, options.Gateway, signal, random);
        Tail = new VolumeTail(site, news, signal.Raise);

        // What stands there was left by an earlier process of this gateway.
        _presence = new Announcement(
            control, VolumeKeys.StandbyOf(site.Options.Volume, _gateway), PresenceJson(false),
            options.PresenceTimeToLive, _ => true, site.Time);
    }

    public VolumeTail Tail { get; }

    /// <summary>
    /// Returns when this gateway is to try; also, without a cause, when the volume has other members than this stage
    /// follows.
    /// </summary>
    /// <param name="notBefore">Timestamp before which it does not.</param>
    /// <param name="cancellation">Ends it.</param>
    public async Task<TakeoverDecision> RunAsync(long notBefore, CancellationToken cancellation)
    {
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            if (Tail.Failure is { } failure) throw new IOException("The rows cannot be kept level.", failure);

            // Who would not take it yet is not handed it either: it would lie there until its owner takes it back.
            var held = Held(notBefore);
            _presence.Set(PresenceJson(IsReady && held == TimeSpan.Zero));
            var view = View();
            if (!_site.Follows(view.Record))
                return new TakeoverDecision(TakeoverCause.None, view.Record.Epoch, TimeSpan.Zero);

            var left = Left(view, notBefore);
            if (left <= TimeSpan.Zero) return new TakeoverDecision(_cause, view.Record.Epoch, Detected(view));
            var wait = left < LookAgain ? left : LookAgain;
            await _signal.WaitAsync(held > TimeSpan.Zero && held < wait ? held : wait, cancellation);
        }
    }

    /// <summary>Writes no more rows; others still see that this gateway is there, and may be trying.</summary>
    public async Task EndTailAsync()
    {
        if (_tailEnded) return;
        _tailEnded = true;
        await Tail.DisposeAsync();
    }

    public async ValueTask DisposeAsync()
    {
        await EndTailAsync();
        await _presence.DisposeAsync();
    }

    private bool IsReady => Tail.Accounts.Any(account => account is not null) && Tail.BehindEntries <= ReadyBehindMax;

    private string PresenceJson(bool isReady) => ControlJson.Write(new StandbyPresence(_gateway, isReady));

    private TakeoverView View() => new()
    {
        Gateway = _gateway,
        Volume = _site.Options.Volume,
        Record = _news.Record,
        EpochAge = _news.EpochAge,
        Accounts =
        [
            .. Tail.Accounts.OfType<NodeAccount>()
                .Select(account => (_site.Time.GetElapsedTime(account.ReceivedAt), account)),
        ],
        Placement = _news.Placement?.Gateway,
        Standbys = _news.Standbys,
        VolumesOwned = _news.VolumesOwned,
    };

    // Time until the try, as far as is known now.
    private TimeSpan Left(TakeoverView view, long notBefore)
    {
        var cause = TakeoverRule.CauseOf(view);
        var now = _site.Time.GetTimestamp();
        if (cause != _cause) (_cause, _causeSince, _luck) = (cause, now, _random.NextDouble());
        if (cause == TakeoverCause.None) return LookAgain;
        if (TakeoverRule.IsRivalAtWork(view, _luck)) return RivalPause;

        var left = TakeoverRule.PatienceOf(view, cause, _luck) - _site.Time.GetElapsedTime(_causeSince, now);
        var held = Held(notBefore);
        return left > held ? left : held;
    }

    private TimeSpan Held(long notBefore)
    {
        var now = _site.Time.GetTimestamp();
        return notBefore > now ? _site.Time.GetElapsedTime(now, notBefore) : TimeSpan.Zero;
    }

    private TimeSpan Detected(TakeoverView view)
    {
        if (_cause != TakeoverCause.Silent) return _site.Time.GetElapsedTime(_causeSince);

        var silence = TakeoverRule.SilenceOf(view.Record.LeaseMilliseconds);
        return view.Accounts.Select(told => told.Account.SinceHeartbeat).Where(since => since >= silence).Min();
    }
}
