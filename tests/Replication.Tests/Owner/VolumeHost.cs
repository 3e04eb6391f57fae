using Gateway.Replication.Control;
using Gateway.Replication.Owner;
using Gateway.Replication.Slices;
using Gateway.Replication.Store;
using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Tests.Owner;

/// <summary>One volume, owned by a test from its start on, whoever owned it before: without a seat that waits for its turn.</summary>
/// <remarks>
/// Life: <see cref="StartAsync"/>, then <see cref="Store"/> is served; <see cref="Stopped"/> completes when the
/// volume ends by itself (fenced, broken); <see cref="StopAsync"/> ends it in an
/// orderly way.
/// </remarks>
internal sealed class VolumeHost : IAsyncDisposable
{
    private readonly ReplicationOptions _options;
    private readonly VolumeSite _site;
    private readonly TaskCompletionSource<JournalStop> _stopped =
        new(TaskCreationOptions.RunContinuationsAsynchronously);
    private OwnedVolume? _owned;
    private bool _stopping;

    public VolumeHost(
        ReplicationOptions options, IControlPlane control, TimeProvider time, ILoggerFactory loggers)
    {
        _options = options;
        _site = new VolumeSite(options, control, time, loggers);
    }

    /// <summary>The volume, once <see cref="StartAsync"/> has completed.</summary>
    public IVolumeStore Store => Owned.Store;

    /// <summary>Completes when the volume is no longer served.</summary>
    public Task<JournalStop> Stopped => _stopped.Task;

    public VolumeStatus Status => _owned?.Status ?? VolumeStatusView.Unowned(_options.Volume, "recovering", _site.Peers);

    /// <summary>How long it waited after its epoch was established: for what is left of the lease of whoever had the volume before.</summary>
    public TimeSpan LeaseWait => _site.Time.GetElapsedTime(Owned.Milestones.EstablishedAt, Owned.Milestones.LeadingAt);

    private OwnedVolume Owned => _owned ?? throw new InvalidOperationException("The volume is not started.");

    /// <summary>
    /// Takes the volume and brings it to where it can be served; waits for a majority of nodes (for all, when the
    /// volume is new) as long as it takes.
    /// </summary>
    /// <exception cref="VolumeLostException">It cannot be taken.</exception>
    public async Task StartAsync(CancellationToken cancellation)
    {
        await _site.OpenAsync(cancellation);
        await _site.Admission.AdmitFreshAsync(_site.Peers, cancellation);
        await _site.Admission.TakeEpochAsync(0, cancellation);
        _owned = await OwnedVolume.TakeAsync(_site, cancellation);
        _ = FollowAsync(_owned);
    }

    /// <inheritdoc cref="OwnedVolume.VerifyAsync"/>
    public Task<VerifyResult> VerifyAsync(IEnumerable<SliceRef>? only, CancellationToken cancellation) =>
        Owned.VerifyAsync(only, cancellation);

    /// <inheritdoc cref="OwnedVolume.ScrubAsync"/>
    public Task ScrubAsync(CancellationToken cancellation) => Owned.ScrubAsync(cancellation);

    /// <inheritdoc cref="OwnedVolume.CheckpointAsync"/>
    public Task<bool> CheckpointAsync() => Owned.CheckpointAsync();

    /// <inheritdoc cref="OwnedVolume.ChangeMembersAsync"/>
    public Task<string?> ChangeMembersAsync(MemberRequest request, CancellationToken cancellation) =>
        Owned.ChangeMembersAsync(request, cancellation);

    /// <summary>Ends the background work, hands the volume over, closes rows and links. Within five seconds.</summary>
    public async Task StopAsync()
    {
        if (_stopping) return;
        _stopping = true;
        if (_owned is not null)
        {
            await _owned.ReleaseAsync(keepsVerifier: false, successor: "");
            await _owned.DisposeAsync();
        }

        await _site.DisposeAsync();
        _stopped.TrySetResult(JournalStop.Closed);
    }

    public async ValueTask DisposeAsync() => await StopAsync();

    private async Task FollowAsync(OwnedVolume owned) => _stopped.TrySetResult(await owned.Stopped);
}
