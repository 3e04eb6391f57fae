using Gateway.Replication.Control;
using Gateway.Replication.Owner;
using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Standby;

/// <summary>One try to become owner (PROTOCOL §2.3), given up when it cannot succeed.</summary>
internal sealed class Takeover(VolumeSite site, TakeoverDecision decision, ILogger logger)
{
    /// <summary>Without links to a majority of the nodes for so long another gateway may have more luck.</summary>
    private static readonly TimeSpan CutOffMax = TimeSpan.FromSeconds(5);

    private static readonly TimeSpan LookAgain = TimeSpan.FromMilliseconds(500);

    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(500);
    private static readonly TimeSpan PersonPause = TimeSpan.FromSeconds(30);

    private long _beganAt;
    private long _recordedAt;

    /// <summary>There is a reason to try.</summary>
    public bool IsDue => decision.Cause != TakeoverCause.None;

    /// <summary>How long to wait before the next try after one that failed.</summary>
    public TimeSpan Pause { get; private set; } = RetryPause;

    /// <summary>The volume in an epoch of ours; null when it was not to be had. The reason is logged.</summary>
    public async Task<OwnedVolume?> TryAsync(CancellationToken cancellation)
    {
        StandbyLog.Taking(logger, site.Options.Volume, decision.Epoch, decision.Cause);
        using var abandon = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var taking = TakeAsync(abandon.Token);
        try
        {
            if (await IsCutOffAsync(taking, cancellation)) await abandon.CancelAsync();
            return await taking;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            StandbyLog.NotTaken(logger, site.Options.Volume, "No majority of its nodes can be reached.");
        }
        catch (VolumeLostException lost) when (lost.NeedsPerson)
        {
            StandbyLog.NeedsPerson(logger, site.Options.Volume, lost.Message);
            Pause = PersonPause;
        }
        catch (Exception failure) when (failure is VolumeLostException or ControlPlaneException)
        {
            StandbyLog.NotTaken(logger, site.Options.Volume, failure.Message);
        }

        return null;
    }

    /// <summary>The steps and how long they took; the volume is served now.</summary>
    public TakeoverReport Report(OwnedVolume owned)
    {
        var done = owned.Milestones;
        var fence = Between(done.StartedAt, done.FencedAt);
        var report = new TakeoverReport
        {
            Epoch = owned.Epoch,
            Cause = decision.Cause switch
            {
                TakeoverCause.FirstOwner => "firstOwner",
                TakeoverCause.Released => "released",
                _ => "silent",
            },
            ServedAt = site.Time.GetUtcNow(),
            DetectMilliseconds = (long)decision.Detected.TotalMilliseconds,
            RecordMilliseconds = Between(_beganAt, _recordedAt),
            FenceMilliseconds = fence,
            FetchMilliseconds = Math.Max(0, Between(_recordedAt, done.RecoveredAt) - fence),
            EstablishMilliseconds = Between(done.RecoveredAt, done.EstablishedAt),
            LeaseMilliseconds = Between(done.EstablishedAt, done.LeadingAt),
            ServeMilliseconds = Between(done.LeadingAt, site.Time.GetTimestamp()),
        };
        StandbyLog.Owned(
            logger, site.Options.Volume, report.Epoch, decision.Cause, report.DetectMilliseconds, report.RecordMilliseconds,
            report.FenceMilliseconds, report.FetchMilliseconds, report.EstablishMilliseconds, report.LeaseMilliseconds,
            report.ServeMilliseconds, report.TotalMilliseconds);
        return report;
    }

    private async Task<OwnedVolume> TakeAsync(CancellationToken cancellation)
    {
        await Task.Yield();
        _beganAt = site.Time.GetTimestamp();
        if (decision.Epoch == 0)
        {
            await site.Admission.LoadAsync(cancellation);
            await site.Admission.AdmitFreshAsync(site.Peers, cancellation);
        }

        await site.Admission.TakeEpochAfterAsync(decision.Epoch, cancellation);
        _recordedAt = site.Time.GetTimestamp();
        return await OwnedVolume.TakeAsync(site, cancellation);
    }

    // False when the try has ended; what it ended with is for the caller.
    private async Task<bool> IsCutOffAsync(Task taking, CancellationToken cancellation)
    {
        var reachedAt = site.Time.GetTimestamp();
        while (site.Time.GetElapsedTime(reachedAt) < CutOffMax)
        {
            using var woken = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
            await Task.WhenAny(taking, Task.Delay(LookAgain, site.Time, woken.Token));
            await woken.CancelAsync();
            if (taking.IsCompleted) return false;
            if (site.Peers.Record.IsHeldByMajorities(node => site.Peers.Find(node) is { JournalUp: true }))
                reachedAt = site.Time.GetTimestamp();
        }

        return true;
    }

    private long Between(long from, long to) =>
        from == 0 || to <= from ? 0 : (long)site.Time.GetElapsedTime(from, to).TotalMilliseconds;
}
