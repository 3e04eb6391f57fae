namespace Gateway.Replication.Quorum;

public sealed partial class OwnerCore
{
    /// <summary>
    /// While the membership changes: all that was ever committed is on majorities of both, so that the change may be
    /// ended once the slices are where they belong, too (PROTOCOL §2.7).
    /// </summary>
    public bool MayEndChange => Record.IsJoint && _context.ConfigIndex != 0 && CommitIndex >= _context.ConfigIndex;

    /// <summary>
    /// While the membership changes: an entry of the type Config must be proposed, because none was appended under both
    /// memberships yet.
    /// </summary>
    public bool NeedsConfigEntry => Record.IsJoint && _context.ConfigIndex == 0;

    /// <summary>The slot of a member or learner, or null.</summary>
    public int? SlotOf(string nodeId) => _context.Streams.Find(nodeId)?.Slot;

    /// <summary>
    /// The host has changed the control record, with the epoch still ours. Copies that it names anew are admitted, and
    /// whatever their predecessors said is forgotten (PROTOCOL §2.8); its membership counts from now on. A record older
    /// than the present one is ignored. Whether a compare-and-set without an answer has happened must be read before
    /// anything is adopted: until then the present membership is the more demanding one.
    /// </summary>
    public void Adopt(VolumeRecord record, long now, List<OwnerEffect> effects)
    {
        if (!Enter(now, effects) || record.ConfigGeneration <= Record.ConfigGeneration) return;

        Invariant.Holds(
            record.Epoch == Epoch && record.OwnerId == Record.OwnerId, "A record of another owner is not adopted.");
        Invariant.Holds(
            !record.EndsChangeOf(Record) || MayEndChange || !_context.Rules.ConfigEntryBeforeEnd,
            "A change of membership ends only after an entry under both is committed.");
        foreach (var stream in _context.Adopt(record))
        {
            _recovery.ForgetPromise(stream.Slot);
            _recovery.Forget(stream.Slot);
            _gate.Admit(stream);
        }

        _context.AdvanceCommit();
        foreach (var stream in _context.Streams) Serve(stream);
        Settle();
    }

    /// <summary>
    /// Streams to a node that is no member yet, and admits its copy. It counts for nothing until a record with it is
    /// adopted. Only while <see cref="OwnerPhase.Leading"/>.
    /// </summary>
    /// <returns>The node's slot; null when no more nodes can be added in this epoch.</returns>
    public int? AddLearner(VolumeMember member, long now, List<OwnerEffect> effects)
    {
        _context.Enter(now, effects);
        Invariant.Holds(Phase == OwnerPhase.Leading, "Only a leading owner adds learners.");
        if (_context.Streams.Find(member.NodeId) is null && _context.Streams.Exhausted) return null;

        var stream = _context.StreamOf(member);
        Serve(stream);
        return stream.Slot;
    }

    /// <summary>Streams no longer to a learner. A member is left alone.</summary>
    public void RemoveLearner(int slot)
    {
        if (_context.Streams.Find(slot) is { Counts: false } learner) _context.Streams.Remove(learner);
    }
}
