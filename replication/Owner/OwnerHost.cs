using System.Diagnostics.CodeAnalysis;
using Gateway.Replication.Journal;
using Gateway.Replication.Quorum;
using Gateway.Replication.Store;
using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Owner;

/// <summary>
/// Runs an <see cref="OwnerCore"/> on clock and links: the journal of one volume in one epoch, as its store uses it.
/// </summary>
/// <remarks>
/// Threading: events (replies, appends, the clock) go through one bounded queue and are stepped one after another by
/// whichever thread posts while nobody steps: a commit costs no hop between threads. The lease is a number that is
/// compared with the clock inside each request, never a flag. Life: <see cref="RecoverAsync"/>, <see
/// cref="BeginAsync"/>, then the journal of the store, then <see cref="ReleaseAsync"/> or being fenced. One object
/// lives for one epoch.
/// </remarks>
[SuppressMessage(
    "Maintainability", "CA1506", Justification = "One switch over all events and one over all effects of the core.")]
internal sealed class OwnerHost : IJournal, IAsyncDisposable
{
    private static readonly TimeSpan TickPeriod = TimeSpan.FromMilliseconds(10);

    private readonly OwnerCore _core;
    private readonly VolumePeers _peers;
    private readonly Dictionary<int, NodePeer> _byMember = [];
    private readonly IMemberReplacement _replacement;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly OwnerQueue _queue;
    private readonly OwnerLease _lease;
    private readonly List<OwnerEffect> _effects = [];
    private readonly Queue<OwnerEvent> _early = new();
    private readonly TaskCompletionSource _recovered = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource _leading = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly TaskCompletionSource<OwnerStopReason> _stopped =
        new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ITimer _ticks;
    private IJournalListener? _listener;
    private long _wakeAt = long.MaxValue;
    private ulong _appended;
    private ulong _checkpointIndex;
    private int _waitingForRoom;

    public OwnerHost(
        OwnerCore core,
        VolumePeers peers,
        IMemberReplacement replacement,
        TimeProvider time,
        ILogger logger)
    {
        (_core, _peers, _replacement, _time, _logger) = (core, peers, replacement, time, logger);
        _queue = new OwnerQueue(StepGuarded);
        _lease = new OwnerLease(time, _stopped.Task);
        _ticks = time.CreateTimer(_ => Tick(), null, TickPeriod, TickPeriod);
    }

    public ulong Epoch => _core.Epoch;

    public bool LeaseValid => _lease.IsValid;

    public TimeSpan LeaseRemaining => _lease.Remaining;

    /// <summary>Completes when this owner is finished.</summary>
    public Task<OwnerStopReason> Stopped => _stopped.Task;

    public OwnerPhase Phase => _core.Phase;

    public ulong CommitIndex => _core.CommitIndex;

    public ulong LastIndex => _core.LastIndex;

    public ulong EpochStartIndex => _core.EpochStartIndex;

    public ulong HighestPromise => _core.HighestPromise;

    public LogBase OldestBase => _core.OldestBase;

    /// <summary>The last entry of the journal that this owner found, when it had to fetch it; else null.</summary>
    public JournalEntry? LastFetched { get; private set; }

    /// <summary>When the steps of becoming owner were done.</summary>
    public OwnerMilestones Milestones { get; } = new();

    /// <inheritdoc cref="OwnerCore.NeedsConfigEntry"/>
    public bool NeedsConfigEntry => _core.NeedsConfigEntry;

    /// <inheritdoc cref="OwnerCore.MayEndChange"/>
    public bool MayEndChange => _core.MayEndChange;

    /// <summary>The membership that counts now.</summary>
    public VolumeRecord Record => _core.Record;

    /// <summary>How a member or learner stands; all zero for other nodes.</summary>
    public MemberProgress ProgressOf(string node) => _core.SlotOf(node) is { } slot ? _core.ProgressOf(slot) : default;

    /// <summary>Time since the node last replied; zero when it never did.</summary>
    public TimeSpan SinceReply(string node) =>
        ProgressOf(node).LastReplyAt is var at and not 0 ? _time.GetElapsedTime(at) : TimeSpan.Zero;

    /// <summary>Lets the membership of a record, which has this owner's epoch, count from now on.</summary>
    public Task AdoptAsync(VolumeRecord record) => PostAsync(new OwnerEvent(OwnerEventKind.Adopt) { Record = record });

    /// <summary>Streams the journal to a node that is to become a member. It must be among the peers.</summary>
    public Task AddLearnerAsync(VolumeMember learner) =>
        PostAsync(new OwnerEvent(OwnerEventKind.AddLearner) { Learner = learner });

    /// <summary>Ends the stream to a learner; members are left alone.</summary>
    public Task RemoveLearnerAsync(string node) =>
        PostAsync(new OwnerEvent(OwnerEventKind.RemoveLearner) { Learner = new VolumeMember(node, 0) });

    /// <summary>
    /// Fences the nodes and fetches the journal's tail; waits for a majority as long as it takes. What is known to be
    /// committed goes to the listener at once, and more is fetched only when that has room.
    /// </summary>
    /// <returns><see cref="OwnerStopReason.None"/> when the epoch can begin, else why it cannot.</returns>
    public async Task<OwnerStopReason> RecoverAsync(IJournalListener listener, CancellationToken cancellation)
    {
        _listener = listener;
        _queue.Post(new OwnerEvent(OwnerEventKind.Start));
        await Task.WhenAny(_recovered.Task, _stopped.Task).WaitAsync(cancellation);
        return _stopped.Task.IsCompleted ? await _stopped.Task : OwnerStopReason.None;
    }

    /// <summary>
    /// Establishes the epoch. Completes when the store, which listened to the recovery, is ready and the epoch is
    /// served; false when it was lost before.
    /// </summary>
    public async Task<bool> BeginAsync(
        VolumeStore store, ReadOnlyMemory<byte> epochStartPayload, CancellationToken cancellation)
    {
        _queue.Post(new OwnerEvent(OwnerEventKind.Begin) { Payload = epochStartPayload });
        await Task.WhenAny(Task.WhenAll(store.Ready, _leading.Task), store.Stopped, _stopped.Task)
            .WaitAsync(cancellation);
        return !_stopped.Task.IsCompleted && !store.Stopped.IsCompleted;
    }

    public ulong Append(JournalEntryType type, ReadOnlyMemory<byte> payload)
    {
        // The store's one sequencer calls this, after the epoch's first entry; nothing else appends until the
        // hand-over.
        if (_appended == 0) _appended = _core.EpochStartIndex;
        _queue.Post(new OwnerEvent(OwnerEventKind.Append) { EntryType = type, Payload = payload, Index = ++_appended });
        return _appended;
    }

    public void Trim(ulong index) => _queue.Post(new OwnerEvent(OwnerEventKind.Trim) { Index = index });

    public void Receive(int member, NodeReply reply) =>
        _queue.Post(new OwnerEvent(OwnerEventKind.Reply) { Member = member, Reply = reply });

    public void LinkChanged(int member) => _queue.Post(new OwnerEvent(OwnerEventKind.Link) { Member = member });

    public ValueTask<bool> WaitLeaseAsync(CancellationToken cancellation) => _lease.WaitAsync(cancellation);

    /// <summary>Gives the epoch up in an orderly way, so that the next owner need not wait for the lease.</summary>
    /// <param name="payload">Of the journal's last entry of this epoch.</param>
    /// <param name="timeout">How long to try.</param>
    /// <returns>True when a majority knows.</returns>
    public async Task<bool> ReleaseAsync(ReadOnlyMemory<byte> payload, TimeSpan timeout)
    {
        _queue.Post(new OwnerEvent(OwnerEventKind.HandOver) { Payload = payload });
        try
        {
            return await _stopped.Task.WaitAsync(timeout, _time) == OwnerStopReason.Released;
        }
        catch (TimeoutException)
        {
            return false;
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _ticks.DisposeAsync();
        foreach (var peer in _peers) peer.Follow(null);
        _queue.Post(new OwnerEvent(OwnerEventKind.Close));
    }

    private void Tick()
    {
        // The source of the tail is not silent: it has not been asked yet.
        if (Volatile.Read(ref _waitingForRoom) > 0) return;
        if (_time.GetTimestamp() >= Volatile.Read(ref _wakeAt)) _queue.Post(new OwnerEvent(OwnerEventKind.Wake));
    }

    private void StepGuarded(OwnerEvent next)
    {
        if (_stopped.Task.IsCompleted) return;
        try
        {
            Step(next, _time.GetTimestamp());
            _lease.Renew(_core.LeaseValidUntil);
            Volatile.Write(ref _wakeAt, _core.WakeAt);
            next.Done?.TrySetResult();
        }
#pragma warning disable CA1031 // A loop boundary that poisons: nothing is known any more, nothing is served any more.
        catch (Exception failure)
#pragma warning restore CA1031
        {
            Log.OwnerFailed(_logger, Epoch, failure);
            Stop(OwnerStopReason.HistoryLost);
        }
    }

    private void Step(in OwnerEvent next, long now)
    {
        switch (next.Kind)
        {
            case OwnerEventKind.Start:
                Milestones.StartedAt = now;
                MapPeers();
                _core.Start(now, _effects);
                break;
            case OwnerEventKind.Wake:
                _core.Wake(now, _effects);
                break;
            case OwnerEventKind.Reply:
                _core.Receive(next.Member, next.Reply!, now, _effects);
                break;
            case OwnerEventKind.Link:
                _core.LinkChanged(next.Member, now, _effects);
                break;
            case OwnerEventKind.Append when _core.Phase == OwnerPhase.Establishing:
                // The epoch's first entry is committed, but an earlier owner may still serve reads.
                _early.Enqueue(next);
                break;
            case OwnerEventKind.Append when _core.Phase == OwnerPhase.Leading:
                Propose(next, now);
                break;
            case OwnerEventKind.Append:
                break;
            default:
                StepRarely(next, now);
                break;
        }

        CarryOut(now);
    }

    private void StepRarely(in OwnerEvent next, long now)
    {
        switch (next.Kind)
        {
            case OwnerEventKind.Begin:
                _core.BeginEpoch(next.Payload, now, _effects);
                break;
            case OwnerEventKind.Trim when _checkpointIndex >= next.Index:
                _core.Trim(next.Index, _checkpointIndex, now, _effects);
                break;
            case OwnerEventKind.HandOver:
                _core.HandOver(next.Payload, now, _effects);
                break;
            case OwnerEventKind.Adopt:
                _core.Adopt(next.Record!, now, _effects);
                MapPeers();
                break;
            case OwnerEventKind.AddLearner when _core.Phase == OwnerPhase.Leading:
                _core.AddLearner(next.Learner, now, _effects);
                MapPeers();
                break;
            case OwnerEventKind.RemoveLearner:
                if (_core.SlotOf(next.Learner.NodeId) is { } learner) _core.RemoveLearner(learner);
                MapPeers();
                break;
            case OwnerEventKind.Close:
                Stop(OwnerStopReason.Released);
                break;
            default:
                break;
        }
    }

    private void Propose(in OwnerEvent append, long now)
    {
        var entry = _core.Propose(append.EntryType, append.Payload, now, _effects);
        Invariant.Holds(entry.Index == append.Index, $"Entry {append.Index} was appended at {entry.Index}.");
    }

    private void CarryOut(long now)
    {
        // By index: what a later effect does may add further ones.
        for (var at = 0; at < _effects.Count; at++)
        {
            var effect = _effects[at];
            switch (effect.Kind)
            {
                case OwnerEffectKind.Send:
                    Send(effect.Member, effect.Request!);
                    break;
                case OwnerEffectKind.Committed:
                    Deliver(effect.Entry!);
                    break;
                case OwnerEffectKind.Recovered:
                    Milestones.NoteRecovered(now);
                    LastFetched = effect.Entry;
                    _recovered.TrySetResult();
                    break;
                case OwnerEffectKind.Leading:
                    Milestones.LeadingAt = now;
                    while (_early.TryDequeue(out var early)) Propose(early, now);
                    _leading.TrySetResult();
                    break;
                case OwnerEffectKind.MemberChanged:
                    _ = ReplaceMemberAsync(effect.Member, effect.Incarnation);
                    break;
                case OwnerEffectKind.Stopped:
                    Stop(effect.Reason);
                    break;
                default:
                    break;
            }
        }

        _effects.Clear();
    }

    private void Deliver(JournalEntry entry)
    {
        if (entry.Index == EpochStartIndex) Milestones.EstablishedAt = _time.GetTimestamp();
        if (entry.Type == JournalEntryType.Checkpoint) _checkpointIndex = entry.Index;

        // The store knows of its own appends only; its successor will meet this entry in the journal.
        if (entry.Type == JournalEntryType.Handover && entry.Epoch == Epoch) return;
        _listener!.Committed(entry);
    }

    private void Send(int member, NodeRequest request)
    {
        if (request is FetchRequest && _core.Phase == OwnerPhase.Recovering)
        {
            Milestones.NoteFenced(_time.GetTimestamp());
            var room = _listener!.WaitForRoomAsync(CancellationToken.None);
            if (!room.IsCompletedSuccessfully)
            {
                Interlocked.Increment(ref _waitingForRoom);
                _ = SendAfterAsync(room, _byMember[member], request);
                return;
            }
        }

        if (_byMember.TryGetValue(member, out var peer)) peer.Send(request);
    }

    // The core's numbers for the nodes: each member and learner has one, which changes when a node leaves and comes back.
    private void MapPeers()
    {
        _byMember.Clear();
        foreach (var peer in _peers.All)
        {
            if (_core.SlotOf(peer.Node) is not { } member)
            {
                peer.Follow(null);
                continue;
            }

            peer.Follow(this, member);
            _byMember[member] = peer;
        }
    }

    private async Task PostAsync(OwnerEvent next)
    {
        var done = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        _queue.Post(next with { Done = done });
        await Task.WhenAny(done.Task, _stopped.Task);
    }

    private async Task SendAfterAsync(ValueTask room, NodePeer peer, NodeRequest request)
    {
        await room;
        peer.Send(request);
        Interlocked.Decrement(ref _waitingForRoom);
    }

    private async Task ReplaceMemberAsync(int member, ulong incarnation)
    {
        var node = _core.ProgressOf(member).NodeId;
        if (node is not null && await _replacement.ReplaceAsync(node, incarnation) is { } record)
            await AdoptAsync(record);
    }

    private void Stop(OwnerStopReason reason)
    {
        _lease.Renew(long.MinValue);
        if (!_stopped.TrySetResult(reason)) return;
        if (reason != OwnerStopReason.Released) Log.OwnerStopped(_logger, Epoch, reason);
        _listener?.Stopped(reason switch
        {
            OwnerStopReason.Released => JournalStop.Closed,
            OwnerStopReason.Fenced or OwnerStopReason.OldConfiguration => JournalStop.Fenced,
            _ => JournalStop.Broken,
        });
    }
}

/// <summary>
/// Puts another incarnation of a member into the control record, provided the epoch is still this owner's.
/// </summary>
internal interface IMemberReplacement
{
    /// <returns>The new record; null when it did not happen. Does not throw.</returns>
    Task<VolumeRecord?> ReplaceAsync(string nodeId, ulong incarnation);
}
