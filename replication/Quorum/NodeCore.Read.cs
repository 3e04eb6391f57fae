using Gateway.Replication.Journal;

namespace Gateway.Replication.Quorum;

public sealed partial class NodeCore
{
    /// <summary>False while there is nothing to tell to a standby that may wait.</summary>
    public bool HasNews(TailRequest tail) =>
        _state is null || tail.Header.Incarnation != _store.Incarnation || tail.Header.VolumeId != _state.VolumeId
        || tail.FromIndex <= Math.Max(_commitHint, _log.Base.Index) || _state.ReleasedEpoch > tail.KnownReleasedEpoch;

    private TailReply Tail(TailRequest request, long now)
    {
        var bytesMax = Math.Min(request.BytesMax, TailRequest.BytesMaxLimit);
        var (run, next) = ReadRun(request.FromIndex, _rules.TailCommittedOnly ? _commitHint : _log.LastIndex, bytesMax);
        return new TailReply
        {
            Header = Header(request, NodeStatus.Ok),
            FromIndex = request.FromIndex,
            Entries = run,
            Next = next,
            Base = _log.Base,
            CommitHint = _commitHint,
            SinceHeartbeatNanoseconds = Math.Max(0, now - _heartbeatAt),
            HeartbeatEpoch = _heartbeatEpoch,
            ReleasedEpoch = _state!.ReleasedEpoch,
        };
    }

    private (JournalEntry[] Run, EntryPresence Next) ReadRun(ulong from, ulong to, int bytesMax)
    {
        var damagedBefore = _log.Damaged.Count;
        var (run, next) = LogRun.Read(_log, from, to, bytesMax);

        // Rot that nobody knew of: from now on this copy may lack what it once acknowledged.
        if (next == EntryPresence.Damaged && (_log.Damaged.Count > damagedBefore || _state!.Limbo == LimboReason.None))
            EnterLimbo(LimboReason.RottenEntry);
        return (run, next);
    }

    private FetchReply Fetch(FetchRequest request)
    {
        var from = request.FromIndex;
        var (run, next) = ReadRun(from, request.ToIndex, request.BytesMax);
        return new FetchReply
        {
            Header = Header(request, NodeStatus.Ok),
            FromIndex = from,
            Previous = from > 0 && _log.TryGetPosition(from - 1, out var epoch, out _)
                ? new EntryId(from - 1, epoch) : null,
            Entries = run,
            Next = next,
            NextId = next == EntryPresence.Damaged ? Position(from + (ulong)run.Length) : default,
            Base = _log.Base,
            CommitHint = _commitHint,
        };
    }

    private PlainReply Trim(TrimRequest request)
    {
        if (request.UpToIndex <= _log.Base.Index) return Plain(request, NodeStatus.Ok);

        // Behind the owner, or damaged: it will be told again.
        if (request.CheckpointIndex > _commitHint || FirstDamaged() <= request.CheckpointIndex)
            return Plain(request, NodeStatus.Ok);

        var (presence, entry) = _log.Read(request.CheckpointIndex);
        if (presence == EntryPresence.Damaged)
        {
            EnterLimbo(LimboReason.RottenEntry);
            return Plain(request, NodeStatus.Ok);
        }

        var legal = presence == EntryPresence.Present && entry!.Type == JournalEntryType.Checkpoint
            && request.UpToIndex <= request.CheckpointIndex;
        if (!legal) return Refuse(request, $"Trim to {request.UpToIndex} without a committed checkpoint (I9).");

        _log.Trim(request.UpToIndex);
        return Plain(request, NodeStatus.Ok);
    }

    private PlainReply InstallBase(InstallBaseRequest request)
    {
        var wanted = request.Base;
        if (wanted.Index <= _log.Base.Index) return Plain(request, NodeStatus.Ok);

        var damaged = FirstDamaged() <= wanted.Index;
        var known = _log.TryGetPosition(wanted.Index, out var epoch, out var chain);
        if (known && !damaged && epoch == wanted.Epoch)
        {
            LogRun.CheckSame(chain, wanted.Chain, new EntryId(wanted.Index, wanted.Epoch));
            return Plain(request, NodeStatus.Ok);
        }

        if (!damaged && wanted.Index <= _commitHint)
            return Refuse(request, $"Base {wanted.Index} contradicts committed entries (I4).");

        // A log that differs at the base was never committed there nor behind. A damaged one may have acknowledged what
        // stands behind: it no longer testifies to that.
        if (damaged && _log.LastIndex > wanted.Index) EnterLimbo(LimboReason.LogReplaced);
        SavePromise();
        _log.InstallBase(wanted);
        _commitHint = wanted.Index;
        return Plain(request, NodeStatus.Ok);
    }
}
