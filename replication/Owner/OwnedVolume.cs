using System.Diagnostics.CodeAnalysis;
using System.Text.Json.Nodes;
using Gateway.Replication.Control;
using Gateway.Replication.Quorum;
using Gateway.Replication.Slices;
using Gateway.Replication.Store;
using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Owner;

/// <summary>
/// A volume while this process owns it, in one epoch: journal, rows, slices, and the work behind them (heal, scrub, space).
/// </summary>
/// <remarks>
/// <see cref="Stopped"/> completes when it ends by itself (fenced, broken). <see cref="ReleaseAsync"/> gives it up in
/// good order. What is disposed leaves links and rows as they are: the rows hold committed entries only.
/// </remarks>
[SuppressMessage("Maintainability", "CA1506", Justification = "The parts of an owned volume are put together here.")]
public sealed class OwnedVolume : IAsyncDisposable
{
    private static readonly TimeSpan ReleaseTimeout = TimeSpan.FromSeconds(3);

    /// <summary>How long the first answers of the nodes about their space are waited for.</summary>
    private static readonly TimeSpan SpaceTimeout = TimeSpan.FromMilliseconds(50);

    private readonly VolumeSite _site;
    private readonly ILogger _logger;
    private readonly TakenVolume _taken;
    private readonly OwnerHost _owner;
    private readonly VolumeWork _work;
    private readonly MembershipChange _change;
    private readonly TaskCompletionSource<JournalStop> _stopped =
        new(TaskCreationOptions.RunContinuationsAsynchronously);
    private bool _disposed;

    private OwnedVolume(VolumeSite site, TakenVolume taken, Housekeeping housekeeping)
    {
        (_site, _taken, _owner) = (site, taken, taken.Owner);
        _logger = site.Loggers.CreateLogger<OwnedVolume>();
        _work = new VolumeWork(taken, site.Peers, taken.Store, housekeeping, site.Options, site.Time, _logger);
        site.Admission.Replaced = _work.NodeCameBack;
        _change = new MembershipChange(site, _owner, taken, _work, AppendConfigAsync, _logger);
        _work.Start(_change.RunAsync);
        _ = FollowAsync();
    }

    public ulong Epoch => _owner.Epoch;

    public IVolumeStore Store => _taken.Store;

    /// <summary>Completes when the volume is no longer owned, or no longer served.</summary>
    public Task<JournalStop> Stopped => _stopped.Task;

    public VolumeStatus Status =>
        VolumeStatusView.Read(_site.Options.Volume, _owner, _site.Rows!, _site.Peers, _work, _taken.Store) with
        {
            Change = _change.Progress,
        };

    /// <summary>Nothing can be answered: no majority of the nodes acknowledges.</summary>
    internal bool LeaseValid => _owner.LeaseValid;

    internal OwnerMilestones Milestones => _owner.Milestones;

    /// <summary>
    /// Reads every copy from the nodes' media and compares; all live slices and the journal, or only some slices.
    /// </summary>
    public Task<VerifyResult> VerifyAsync(IEnumerable<SliceRef>? only, CancellationToken cancellation) =>
        _work.VerifyAsync(only, _owner.CommitIndex, cancellation);

    /// <summary>One round of scrub over all nodes, now and as fast as they are.</summary>
    public Task ScrubAsync(CancellationToken cancellation) => _work.ScrubAllAsync(cancellation);

    /// <summary>Writes a checkpoint now; false when the nodes do not take it.</summary>
    public async Task<bool> CheckpointAsync() => await _taken.Store.WriteCheckpointAsync() is not null;

    /// <summary>Takes down in the control record which nodes shall be the volume's; the work goes on behind it.</summary>
    /// <returns>Null when it is taken, else why not.</returns>
    /// <exception cref="ControlPlaneException">It may be taken or not.</exception>
    public Task<string?> ChangeMembersAsync(MemberRequest request, CancellationToken cancellation) =>
        _change.RequestAsync(request, cancellation);

    /// <summary>
    /// Recovers and establishes the epoch that the control record gives to this process; waits for a majority of nodes as
    /// long as it takes.
    /// </summary>
    /// <exception cref="VolumeLostException">It cannot be had.</exception>
    internal static async Task<OwnedVolume> TakeAsync(VolumeSite site, CancellationToken cancellation)
    {
        await site.FollowMembersAsync(cancellation);
        var taking = new VolumeTaking(site.Admission, site.Peers, site.Rows!, site.Options, site.Time, site.Loggers);
        var taken = await taking.TakeAsync(cancellation);
        try
        {
            return await BeginAsync(site, taken, cancellation);
        }
        catch
        {
            await taken.Owner.DisposeAsync();
            await taken.Store.DisposeAsync();
            throw;
        }
    }

    /// <summary>Ends the background work and hands the volume over. Within five seconds.</summary>
    /// <param name="keepsVerifier">All that clients were told is buffered has been flushed.</param>
    /// <param name="successor">The gateway that is to own the volume next; empty for any.</param>
    /// <returns>True when a majority of nodes knows: the next owner does not wait.</returns>
    internal async Task<bool> ReleaseAsync(bool keepsVerifier, string successor)
    {
        await _work.DisposeAsync();
        var last = new HandoverRecord(
            _site.Record.OwnerId, keepsVerifier ? Store.WriteVerifier : null, successor);
        var clean = await _owner.ReleaseAsync(last.ToPayload(), ReleaseTimeout);
        Log.Released(_logger, _site.Options.Volume, clean);
        return clean;
    }

    /// <summary>
    /// Sends the nodes nothing any more, as a process that has ended: leases run out from now on, whatever else takes its time.
    /// </summary>
    internal ValueTask FallSilentAsync() => _owner.DisposeAsync();

    public async ValueTask DisposeAsync()
    {
        if (_disposed) return;
        _disposed = true;
        foreach (var peer in _site.Peers) peer.CameBack = null;
        _site.Admission.Replaced = null;
        await _work.DisposeAsync();
        await _owner.DisposeAsync();
        await _taken.Store.DisposeAsync();
        _stopped.TrySetResult(JournalStop.Closed);
    }

    private static async Task<OwnedVolume> BeginAsync(
        VolumeSite site, TakenVolume taken, CancellationToken cancellation)
    {
        var (owner, store, record) = (taken.Owner, taken.Store, site.Record);
        store.WriteVerifier = Inherited(site, owner) ?? VolumeStore.VerifierOf(owner.Epoch);
        var payload = JsonNode.Parse(VolumeRecords.ToUtf8(record))!.AsObject();
        payload["writeVerifier"] = store.WriteVerifier.ToString("x16", null);

        // A node that hangs does not hold up the epoch; the space on the nodes is asked for again soon.
        var housekeeping = new Housekeeping(taken.Identity, site.Peers, taken.Slices, site.Time);
        var asked = housekeeping.AskAllAsync(cancellation);
        var text = System.Text.Encoding.UTF8.GetBytes(payload.ToJsonString());
        if (!await owner.BeginAsync(store, text, cancellation))
            throw new VolumeLostException($"Volume {site.Options.Volume} was lost while it was taken.");

        site.AppliedHandover = null;
        await Task.WhenAny(asked, Task.Delay(SpaceTimeout, site.Time, cancellation));
        return new OwnedVolume(site, taken, housekeeping);
    }

    // The last entry before this epoch, fetched or applied before, decides about what clients have to send again.
    private static ulong? Inherited(VolumeSite site, OwnerHost owner)
    {
        var last = owner.LastFetched ?? site.AppliedHandover;
        return last?.Index == owner.LastIndex ? HandoverRecord.Read(last)?.WriteVerifier : null;
    }

    // What becomes of it the journal tells: without a commit, the entry is proposed or still needed.
    private async Task AppendConfigAsync(VolumeRecord record, CancellationToken cancellation) =>
        await Store.ExecuteAsync(new ConfigChange(record), cancellation).AsTask().WaitAsync(cancellation);

    private async Task FollowAsync()
    {
        var first = await Task.WhenAny(_taken.Store.Stopped, _work.Failed);
        var reason = first == _taken.Store.Stopped ? await _taken.Store.Stopped : JournalStop.Broken;
        if (reason == JournalStop.Broken) await _owner.DisposeAsync();
        _stopped.TrySetResult(reason);
    }
}
