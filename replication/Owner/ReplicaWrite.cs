using Gateway.Replication.Quorum;
using Gateway.Replication.Slices;
using Gateway.Replication.Wire;

namespace Gateway.Replication.Owner;

internal enum ReplicaWriteState
{
    /// <summary>W distinct nodes have it.</summary>
    Durable,

    /// <summary>So many nodes have no room that W cannot be reached.</summary>
    NoSpace,

    /// <summary>A node obeys another owner.</summary>
    Fenced,

    /// <summary>Too many nodes failed; those may be tried again.</summary>
    Short,

    /// <summary>As <see cref="Short"/>; but some node has it, and a witness makes up for the others (ADR 18).</summary>
    Spillable,
}

/// <summary>One slice on its way to all nodes.</summary>
/// <remarks>
/// Any thread; one lock. The buffer lives until no link reads it. Once finished and durable, or spilled, each node that
/// turns out not to have the slice is owed it.
/// </remarks>
internal sealed class ReplicaWrite
{
    private readonly VolumeIdentity _volume;
    private readonly SliceRef _slice;
    private readonly SliceBuffer _buffer;
    private readonly IReadOnlyList<NodePeer> _peers;
    private readonly SlicePlacement _placement;
    private readonly OwedSlices _owed;
    private readonly Lock _gate = new();
    private readonly Stage[] _stages;
    private TaskCompletionSource<ReplicaWriteState> _decided = NewDecision();
    private bool _finished;
    private bool _spilled;

    public ReplicaWrite(
        VolumeIdentity volume,
        SliceRef slice,
        SliceBuffer buffer,
        IReadOnlyList<NodePeer> peers,
        SlicePlacement placement,
        OwedSlices owed)
    {
        (_volume, _slice, _buffer, _peers, _placement, _owed) = (volume, slice, buffer, peers, placement, owed);
        _stages = new Stage[peers.Count];
    }

    private enum Stage : byte
    {
        Waiting,
        Sent,
        Durable,
        NoSpace,
        Fenced,
        Failed,
    }

    /// <summary>
    /// Sends to every node that does not have it and is not about to; completes when the matter is decided.
    /// </summary>
    public Task<ReplicaWriteState> SendAsync()
    {
        TaskCompletionSource<ReplicaWriteState> decided;
        Span<bool> send = stackalloc bool[_peers.Count];
        lock (_gate)
        {
            if (_decided.Task.IsCompleted) _decided = NewDecision();
            decided = _decided;
            for (var slot = 0; slot < _stages.Length; slot++)
            {
                send[slot] = _stages[slot] is Stage.Waiting or Stage.Failed or Stage.NoSpace;
                if (send[slot]) _stages[slot] = Stage.Sent;
            }
        }

        for (var slot = 0; slot < send.Length; slot++)
        {
            if (send[slot]) _ = SendAsync(slot);
        }

        lock (_gate) Decide();
        return decided.Task;
    }

    /// <summary>
    /// The nodes that have not answered are not waited for any more, and not counted on until they answer something. The
    /// matter may be decided by that.
    /// </summary>
    public void GiveUpWaiting()
    {
        lock (_gate)
        {
            for (var slot = 0; slot < _stages.Length; slot++)
            {
                if (_stages[slot] == Stage.Sent) _peers[slot].IsOverdue = true;
            }

            Decide();
        }
    }

    /// <summary>Its bytes are in the journal: an entry may refer to it.</summary>
    public void Spilled()
    {
        lock (_gate) _spilled = true;
    }

    /// <summary>The writer has its answer: from here on nodes that fail are owed the slice, if it is durable.</summary>
    public void Finish()
    {
        lock (_gate)
        {
            _finished = true;
            for (var slot = 0; slot < _stages.Length; slot++) OweUnless(slot);
        }

        _buffer.PayloadReleased();
    }

    private static TaskCompletionSource<ReplicaWriteState> NewDecision() =>
        new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async Task SendAsync(int slot)
    {
        var peer = _peers[slot];
        var stage = Stage.Failed;
        if (peer.IsUp && peer.Stragglers.TryTake(_slice.Length))
        {
            var request = new WriteSliceRequest(_volume.Volume, _volume.Epoch, _slice, Replace: false);
            var answer = await peer.Slices.WriteSliceAsync(request, _buffer.Share(), CancellationToken.None);
            peer.Stragglers.Give(_slice.Length);
            if (answer.Answered) peer.IsOverdue = false;
            stage = !answer.Answered ? Stage.Failed : answer.Reply.Outcome switch
            {
                NodeOutcome.Ok => Stage.Durable,
                NodeOutcome.NoSpace => Stage.NoSpace,
                NodeOutcome.Fenced => Stage.Fenced,
                _ => Stage.Failed,
            };
        }

        lock (_gate)
        {
            _stages[slot] = stage;
            Decide();
            if (_finished) OweUnless(slot);
        }
    }

    private void Decide()
    {
        if (AreEnough(slot => _stages[slot] == Stage.Durable)) _decided.TrySetResult(ReplicaWriteState.Durable);
        else if (Array.IndexOf(_stages, Stage.Fenced) >= 0) _decided.TrySetResult(ReplicaWriteState.Fenced);
        else if (!AreEnough(slot => _stages[slot] != Stage.NoSpace)) _decided.TrySetResult(ReplicaWriteState.NoSpace);
        else if (!AreEnough(MayBecomeDurable)) DecideShort();
    }

    private bool MayBecomeDurable(int slot) => _stages[slot] == Stage.Durable
        || _stages[slot] == Stage.Sent && !(_placement.HasWitness && _peers[slot].IsOverdue);

    // With a witness it is enough that somebody has it, so what is still under way is waited for.
    private void DecideShort()
    {
        if (_placement.HasWitness && Array.IndexOf(_stages, Stage.Durable) >= 0)
            _decided.TrySetResult(ReplicaWriteState.Spillable);
        else if (!_placement.HasWitness || Array.IndexOf(_stages, Stage.Sent) < 0)
            _decided.TrySetResult(ReplicaWriteState.Short);
    }

    private void OweUnless(int slot)
    {
        if (_stages[slot] is Stage.Durable or Stage.Sent) return;
        if (_spilled || AreEnough(other => _stages[other] == Stage.Durable)) _owed.Add(_peers[slot], _slice);
    }

    // W of the members and, while they change, of the new members.
    private bool AreEnough(Func<int, bool> counts)
    {
        return _placement.IsDurable(node =>
        {
            for (var slot = 0; slot < _stages.Length; slot++)
            {
                if (_peers[slot].Node == node) return counts(slot);
            }

            return false;
        });
    }
}
