using System.Diagnostics.CodeAnalysis;
using System.Threading.Channels;
using Gateway.Replication.Control;
using Gateway.Replication.Quorum;
using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Owner;

/// <summary>
/// Changes the members of a volume while it is served (PROTOCOL §2.7): what is wanted, and how far it is, stands in the
/// control record, so that whoever owns the volume goes on with it.
/// </summary>
/// <remarks>One loop; requests and status from any thread.</remarks>
[SuppressMessage("Maintainability", "CA1506", Justification = "Journal, slices, links and control record change together.")]
internal sealed class MembershipChange
{
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    /// <summary>A compare-and-set that was given up may happen later still: the record is read now and then.</summary>
    private static readonly TimeSpan ReadEvery = TimeSpan.FromSeconds(5);

    private readonly VolumeSite _site;
    private readonly OwnerHost _owner;
    private readonly VolumeWork _work;
    private readonly SliceEvacuation _evacuation;
    private readonly Retirement _retirement;
    private readonly Func<VolumeRecord, CancellationToken, Task> _append;
    private readonly ILogger _logger;
    private readonly Channel<bool> _wake = Channel.CreateBounded<bool>(
        new BoundedChannelOptions(1) { FullMode = BoundedChannelFullMode.DropWrite });
    private volatile string _reason = "";
    private volatile bool _isTaking;

    /// <param name="site">Links and control record.</param>
    /// <param name="owner">The volume's journal.</param>
    /// <param name="taken">The volume's slices.</param>
    /// <param name="work">Heal.</param>
    /// <param name="append">Appends a Config entry to the journal; completes when it is committed.</param>
    /// <param name="logger">For state changes.</param>
    public MembershipChange(
        VolumeSite site, OwnerHost owner, TakenVolume taken, VolumeWork work,
        Func<VolumeRecord, CancellationToken, Task> append, ILogger logger)
    {
        (_site, _owner, _work, _append, _logger) = (site, owner, work, append, logger);
        _evacuation = new SliceEvacuation(site.Peers, taken.Slices, taken.Owed, work, site.Time);
        _retirement = new Retirement(site.Time, logger);
    }

    private VolumeAdmission Admission => _site.Admission;

    private VolumePeers Peers => _site.Peers;

    /// <summary>Null when nothing is wanted.</summary>
    public ChangeProgress? Progress
    {
        get
        {
            // What the record says and is not in use here yet is under way too.
            var record = Admission.Record;
            var used = !_isTaking && record.ConfigGeneration == Peers.Record.ConfigGeneration;
            if ((record.NewMembers ?? record.WantedMembers ?? (used ? null : record.Members)) is not { } target)
                return null;

            return new ChangeProgress
            {
                Phase = record.WantedMembers is not null ? "learning" : !used || _evacuation.IsDone ? "ending"
                    : !_owner.MayEndChange ? "joining" : "copying",
                Members = [.. target.Select(member => member.NodeId)],
                BytesLeft = _evacuation.BytesLeft,
                BytesPerSecond = _evacuation.BytesPerSecond,
                Reason = _reason,
            };
        }
    }

    /// <summary>Takes a request down in the control record; the loop does it.</summary>
    /// <returns>Null when it is taken, else why not.</returns>
    /// <exception cref="ControlPlaneException">It may be taken or not.</exception>
    public async Task<string?> RequestAsync(MemberRequest request, CancellationToken cancellation)
    {
        if (request.Joins.Length != 0 && await _site.FindAddressAsync(request.Joins, cancellation) is null)
            return $"nobody says where {request.Joins} is";

        var problem = "";
        var known = await Admission.ChangeMembersAsync(
            record =>
            {
                (var next, problem) = Decide(record, request);
                return next;
            },
            cancellation);
        if (known is null) return "this gateway no longer owns the volume";
        if (problem.Length != 0) return problem;

        if (request.BytesPerSecond is { } rate) _work.Heal.BytesPerSecond = rate;
        _wake.Writer.TryWrite(true);
        return null;
    }

    /// <summary>Does what the record wants, until cancelled.</summary>
    public async Task RunAsync(CancellationToken cancellation)
    {
        if (Peers.Record.IsJoint) _evacuation.Begin(written: false);
        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            try
            {
                await StepAsync(cancellation);
            }
            catch (ControlPlaneException error)
            {
                // What is in force stays in force; the record is read again.
                _reason = $"the control plane does not answer: {error.Message}";
                Log.ControlFailed(_logger, _site.Options.Volume, error.Message);
            }

            await WaitAsync(Progress is null ? ReadEvery : Pause, cancellation);
        }
    }

    private static (VolumeRecord? Next, string Problem) Decide(VolumeRecord record, MemberRequest request)
    {
        if (request.Cancels)
        {
            return record.IsJoint ? (record.Unchanged(), "")
                : record.WantedMembers is null ? (null, "the members are not being changed")
                : (record with { WantedMembers = null }, "");
        }

        if (record.IsJoint || record.WantedMembers is not null) return (null, "the members are being changed already");

        var (members, problem) = request.ApplyTo(record);
        return members is null ? (null, problem) : (record with { WantedMembers = members }, "");
    }

    private async Task StepAsync(CancellationToken cancellation)
    {
        if (await Admission.ChangeMembersAsync(_ => null, cancellation) is not { } record)
        {
            _reason = "another gateway owns the volume";
            return;
        }

        await UseAsync(record, cancellation);
        if (record.IsJoint) await FinishAsync(record, cancellation);
        else if (record.WantedMembers is { } wanted) await LearnAsync(wanted, cancellation);
        else await DropLearnersAsync([]);
    }

    // What the record says counts, for journal and slices; who is not in it is let go.
    private async Task UseAsync(VolumeRecord record, CancellationToken cancellation)
    {
        var before = Peers.Record;
        if (record.ConfigGeneration == before.ConfigGeneration) return;

        // Also what nobody had answered, and happened all the same.
        foreach (var member in record.AllMembers())
        {
            if (await _site.ConnectAsync(member.NodeId, cancellation) is null)
                throw new ControlPlaneException($"Nobody says where {member.NodeId} is.");
        }

        _isTaking = true;
        await _owner.AdoptAsync(record);
        Peers.Use(record);
        foreach (var peer in Peers.Voters) _work.Serve(peer);
        if (record.IsJoint && !before.IsJoint) _evacuation.Begin(written: true);
        if (before.IsJoint && !record.IsJoint) await EndAsync(before, record, cancellation);
        _isTaking = false;
    }

    private async Task LearnAsync(IReadOnlyList<VolumeMember> wanted, CancellationToken cancellation)
    {
        await DropLearnersAsync(wanted);
        var members = new List<VolumeMember>();
        _reason = "";
        foreach (var member in wanted)
        {
            if (await _site.ConnectAsync(member.NodeId, cancellation) is null)
            {
                _reason = $"nobody says where {member.NodeId} is";
                return;
            }

            await _owner.AddLearnerAsync(member);
            var progress = _owner.ProgressOf(member.NodeId);
            members.Add(member with { Incarnation = progress.Incarnation });
            if (progress.Counts || progress.Level) continue;

            _reason = progress.LastReplyAt == 0
                ? $"{member.NodeId} does not answer"
                : $"{member.NodeId} has the journal up to {progress.MatchIndex} of {_owner.LastIndex}";
        }

        if (_reason.Length != 0) return;

        var joint = await Admission.ChangeMembersAsync(
            found => found.IsJoint || found.WantedMembers is null ? null : found.ChangingTo(members), cancellation);
        if (joint is null) return;

        await UseAsync(joint, cancellation);
        Log.MembersChanging(_logger, _site.Options.Volume, string.Join(", ", members.Select(member => member.NodeId)));
        _wake.Writer.TryWrite(true);
    }

    private async Task FinishAsync(VolumeRecord record, CancellationToken cancellation)
    {
        _reason = "an entry under both memberships is being committed";
        if (_owner.NeedsConfigEntry) await _append(record, cancellation);
        if (!_owner.MayEndChange) return;

        _evacuation.Continue();
        _reason = _evacuation.Reason;
        if (!_evacuation.IsDone) return;

        _reason = "the control record is changed";
        var changed = await Admission.ChangeMembersAsync(
            found => found.IsJoint && found.ConfigGeneration == record.ConfigGeneration ? found.Changed() : null,
            cancellation);
        if (changed is not null) await UseAsync(changed, cancellation);
    }

    private async Task EndAsync(VolumeRecord before, VolumeRecord after, CancellationToken cancellation)
    {
        _evacuation.End();
        Log.MembersChanged(
            _logger, _site.Options.Volume, string.Join(", ", after.Members.Select(member => member.NodeId)));
        foreach (var left in before.AllMembers().ExceptBy(after.Members.Select(m => m.NodeId), m => m.NodeId))
        {
            if (Peers.Find(left.NodeId) is not { } peer) continue;
            await _work.ForgetAsync(peer);
            await _retirement.TellAsync(after, left, peer, cancellation);
            await Peers.RemoveAsync(peer);
        }
    }

    private async Task DropLearnersAsync(IReadOnlyList<VolumeMember> wanted)
    {
        foreach (var peer in Peers.All.Where(peer => peer.IsLearner))
        {
            if (wanted.Any(member => member.NodeId == peer.Node)) continue;
            await _owner.RemoveLearnerAsync(peer.Node);
            await Peers.RemoveAsync(peer);
        }
    }

    private async Task WaitAsync(TimeSpan longest, CancellationToken cancellation)
    {
        using var timeout = new CancellationTokenSource(longest, _site.Time);
        using var either = CancellationTokenSource.CreateLinkedTokenSource(timeout.Token, cancellation);
        try
        {
            await _wake.Reader.ReadAsync(either.Token);
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            // Nobody woke it.
        }
    }
}
