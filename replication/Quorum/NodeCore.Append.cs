using Gateway.Replication.Journal;

namespace Gateway.Replication.Quorum;

public sealed partial class NodeCore
{
    private NodeReply Append(AppendRequest request, long now)
    {
        // Even an append that does not fit renews the owner's lease: it proves that nobody else was promised.
        _heartbeatAt = now;
        _heartbeatEpoch = Math.Max(_heartbeatEpoch, request.Header.Epoch);

        var entries = request.Entries.Span;
        var end = request.Previous.Index + (ulong)entries.Length;
        if (end <= _log.Base.Index && _log.Base.Index != 0) return Matched(request, _log.Base.Index);
        if (!Follows(request.Previous)) return BackTo(request);
        if (!HasRoomFor(entries)) return Plain(request, NodeStatus.Full);
        if (Store(entries)) return Matched(request, end);

        return Refuse(request, $"Epoch {request.Header.Epoch} would cut entries, committed up to {_commitHint} (I4).");
    }

    private bool Follows(EntryId previous)
    {
        if (previous.Index < _log.Base.Index) return true;
        if (FirstDamaged() <= previous.Index) return false;
        return _log.TryGetPosition(previous.Index, out var epoch, out _) && epoch == previous.Epoch;
    }

    private ulong FirstDamaged() =>
        _rules.DamageIsGap && _log.Damaged.Count != 0 ? _log.Damaged[0].Index : ulong.MaxValue;

    // Where the owner should go on: the last entry before the one named whose epoch is not beyond it. All epochs in a
    // log ascend, so everything between cannot be the owner's.
    private AppendReply BackTo(AppendRequest request)
    {
        var last = Math.Min(_log.LastIndex, Math.Min(request.Previous.Index, FirstDamaged()) - 1);
        var floor = Math.Min(last, Math.Max(_commitHint, _log.Base.Index));
        while (floor < last)
        {
            var middle = last - (last - floor) / 2;
            var known = _log.TryGetPosition(middle, out var epoch, out _);
            if (known && epoch <= request.Previous.Epoch) floor = middle;
            else last = middle - 1;
        }

        return new AppendReply
        {
            Header = Header(request, NodeStatus.Ok),
            Matched = false,
            Position = Position(floor),
        };
    }

    private bool HasRoomFor(ReadOnlySpan<JournalEntry> entries)
    {
        if (entries.IsEmpty || Space.TotalBytes == 0) return true;

        long bytes = 0;
        foreach (var entry in entries) bytes += entry.Payload.Length;
        return Space.AvailableBytes - bytes >= _options.FullBelowBytes;
    }

    // False when it would cut a committed entry (I4).
    private bool Store(ReadOnlySpan<JournalEntry> entries)
    {
        if (!entries.IsEmpty) SavePromise();
        for (var at = 0; at < entries.Length; at++)
        {
            var entry = entries[at];
            if (entry.Index <= _log.Base.Index) continue;
            if (entry.Index > _log.LastIndex)
            {
                AppendRun(entries[at..]);
                return true;
            }

            if (!_log.TryGetPosition(entry.Index, out var epoch, out var chain) || epoch == entry.Epoch)
            {
                if (IsDamaged(entry.Index)) _log.Append(entries.Slice(at, 1));
                else LogRun.CheckSame(chain, entry.Chain, entry.Id);
                continue;
            }

            if (entry.Index <= _commitHint) return false;

            _log.TruncateFrom(entry.Index);
            AppendRun(entries[at..]);
            return true;
        }

        return true;
    }

    private void AppendRun(ReadOnlySpan<JournalEntry> run)
    {
        LogRun.CheckFollows(_log, run);
        _log.Append(run);
    }

    private bool IsDamaged(ulong index)
    {
        foreach (var damaged in _log.Damaged)
            if (damaged.Index == index) return true;

        return false;
    }

    private AppendReply Matched(AppendRequest request, ulong matched)
    {
        _commitHint = Math.Max(_commitHint, Math.Min(request.CommitIndex, matched));
        if (MayLeaveLimbo(request, matched)) _leavesLimbo = true;
        return new AppendReply
        {
            Header = Header(request, NodeStatus.Ok),
            Matched = true,
            Position = Position(matched),
        };
    }

    // The owner knows of the damage (nonce), its epoch is established, and all that it has committed is here: then
    // whatever this copy lost is either here again or was never committed (PROTOCOL §2.8).
    private bool MayLeaveLimbo(AppendRequest request, ulong matched) =>
        _state!.Limbo != LimboReason.None
        && request.EpochStartIndex != 0
        && request.CommitIndex >= request.EpochStartIndex
        && (request.EchoNonce == _state.Nonce || !_rules.CheckNonce)
        && matched >= request.CommitIndex
        && FirstDamaged() == ulong.MaxValue;

    private EntryId Position(ulong index) =>
        new(index, _log.TryGetPosition(index, out var epoch, out _) ? epoch : 0);
}
