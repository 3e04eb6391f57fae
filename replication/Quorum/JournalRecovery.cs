using Gateway.Replication.Journal;

namespace Gateway.Replication.Quorum;

/// <summary>
/// Steps 2 to 4 of becoming owner (PROTOCOL §2.3): fence a majority, hear testimony that is complete, choose
/// the best log, fetch its tail from the host's applied position on.
/// </summary>
internal sealed class JournalRecovery(OwnerContext context)
{
    private const int SourceAttemptsMax = 4;

    // By the slots of the record's members. Others join when recovery is long done.
    private readonly Testimony?[] _testimonies = new Testimony?[context.Streams.Count];
    private readonly bool[] _promised = new bool[context.Streams.Count];
    private readonly long[] _oldLeaseUntil = new long[context.Streams.Count];
    private readonly ulong[] _heartbeatEpochs = new ulong[context.Streams.Count];
    private ulong _released;
    private long _askAt;

    private Testimony? _best;
    private int _fetchAttempts;
    private EntryId? _missing;

    /// <summary>The tail is in the ring.</summary>
    public bool Done { get; private set; }

    /// <summary>Oldest position that the chosen log still reaches back to.</summary>
    public LogBase OldestBase { get; private set; }

    public long WakeAt => Done ? long.MaxValue : _askAt;

    /// <summary>Until then an earlier owner may answer reads (PROTOCOL §2.6). On the owner's clock.</summary>
    public long OldLeaseUntil
    {
        get
        {
            var until = long.MinValue;
            for (var slot = 0; slot < _promised.Length; slot++)
            {
                // An owner that released its lease had waited for the leases of all before it.
                if (_heartbeatEpochs[slot] > _released) until = Math.Max(until, _oldLeaseUntil[slot]);
            }

            return context.Rules.WaitForOldLease ? until : long.MinValue;
        }
    }

    /// <summary>Sends what was not answered again.</summary>
    public void Wake()
    {
        if (Done || context.Now < _askAt) return;

        _askAt = context.Now + context.Options.RetryNanoseconds;
        foreach (var stream in context.Streams)
            if (MayLearnFrom(stream.Slot)) Ask(stream);
        if (_best is null) return;

        if (++_fetchAttempts < SourceAttemptsMax || _missing is not null)
        {
            Fetch();
        }
        else
        {
            // The source is silent: without it the testimony may be complete still.
            Forget(_best.Slot);
        }
    }

    public void Ask(MemberStream stream)
    {
        if (!Done) context.Send(stream, new NewEpochRequest { Header = context.Header(stream) });
    }

    public void OnPromise(MemberStream stream, NewEpochReply reply)
    {
        if (stream.Slot >= _promised.Length) return;

        NoteOldLease(stream.Slot, reply);
        if (Done) return;

        _promised[stream.Slot] = true;
        if (!MayLearnFrom(stream.Slot)) return;

        _testimonies[stream.Slot] = new Testimony(stream.Slot, reply);
        if (_best is null) Choose();
    }

    /// <summary>What the member said no longer holds: it was damaged, or is another copy.</summary>
    public void Forget(int slot)
    {
        if (Done) return;

        _testimonies[slot] = null;
        if (_best?.Slot != slot) return;

        _best = null;
        context.Ring.CutAfter(Math.Max(context.DeliveredIndex, context.Ring.Start.Index));
        Choose();
    }

    public void ForgetPromise(int slot)
    {
        if (slot < _promised.Length) _promised[slot] = false;
    }

    public void OnFetched(MemberStream stream, FetchReply reply)
    {
        if (Done || _best is null || reply.FromIndex != context.Ring.LastIndex + 1) return;

        if (_missing is { } missing)
        {
            OnRepair(stream, reply, missing);
            return;
        }

        if (stream.Slot != _best.Slot) return;

        foreach (var entry in reply.Entries.Span)
        {
            if (entry.Index > _best.Last.Index) break;
            if (!Add(entry)) return;
        }

        _fetchAttempts = 0;
        if (reply.Next == EntryPresence.Present || context.Ring.LastIndex == _best.Last.Index) FetchOrFinish();
        else if (reply.Next == EntryPresence.Damaged) Miss(reply.NextId with { Index = context.Ring.LastIndex + 1 });
        else if (reply.Next == EntryPresence.Trimmed) StopBehind(reply.Base);
        else Forget(stream.Slot);
    }

    // A node in limbo may leave it after it has promised, by what the old owner had sent before.
    private bool MayLearnFrom(int slot) =>
        _testimonies[slot] is not { } said || _best is null && !said.Complete;

    private void NoteOldLease(int slot, NewEpochReply reply)
    {
        var drift = context.Options.ClockDriftPermille;
        var lease = context.Record.LeaseMilliseconds * 1_000_000L / (1000 - drift) * (1000 + drift) + 1;
        var until = context.Now + lease - Math.Min(reply.SinceHeartbeatNanoseconds, lease);

        // Every answer is a bound of its own; a restart between two makes the later one worse.
        if (!_promised[slot] || until < _oldLeaseUntil[slot])
        {
            _oldLeaseUntil[slot] = until;
            _heartbeatEpochs[slot] = Math.Min(reply.HeartbeatEpoch, context.Record.Epoch);
        }

        _released = Math.Max(_released, reply.ReleasedEpoch);
    }

    private void Choose()
    {
        // Two different quorums: one fences, the other has seen every committed entry (PROTOCOL §2.3).
        var both = context.Rules.RecoverByBoth;
        if (!context.Voters.IsHeldByMajorities(stream => _promised[stream.Slot], both)) return;
        if (!context.Voters.IsHeldByMajorities(IsComplete, both)) return;

        ulong committed = context.DeliveredIndex;
        Testimony? best = null;
        foreach (var said in _testimonies)
        {
            if (said is null) continue;
            committed = Math.Max(committed, said.CommitHint);
            if (best is null || said.IsBetterThan(best, context.Rules.BestByEpoch)) best = said;
        }

        if (best!.Last.Index < committed)
        {
            context.Stop(OwnerStopReason.HistoryLost);
            return;
        }

        _best = best;
        _missing = null;
        _fetchAttempts = 0;
        context.CommitIndex = Math.Max(context.CommitIndex, committed);
        if (best.Base.Index > context.Ring.LastIndex) StopBehind(best.Base);
        else FetchOrFinish();
    }

    private void FetchOrFinish()
    {
        context.Deliver();
        if (context.Ring.LastIndex < _best!.Last.Index)
        {
            Fetch();
            return;
        }

        // Beyond its end lies what the host applied: then entries were applied that no majority has.
        if (context.Ring.LastIndex > _best.Last.Index || context.Ring.End.Epoch != _best.Last.Epoch)
        {
            context.Stop(OwnerStopReason.HistoryLost);
            return;
        }

        Done = true;
        var last = context.Ring.Holds(context.Ring.LastIndex) ? context.Ring[context.Ring.LastIndex] : null;
        context.Emit(new OwnerEffect(OwnerEffectKind.Recovered) { Entry = last });
    }

    private void Fetch()
    {
        _askAt = context.Now + context.Options.RetryNanoseconds;
        if (_missing is null)
        {
            SendFetch(context.Streams.Find(_best!.Slot)!, _best.Last.Index);
            return;
        }

        foreach (var stream in context.Streams) SendFetch(stream, context.Ring.LastIndex + 1);
    }

    private void SendFetch(MemberStream stream, ulong to) => context.Send(stream, new FetchRequest
    {
        Header = context.Header(stream),
        FromIndex = context.Ring.LastIndex + 1,
        ToIndex = to,
        BytesMax = context.Options.FetchBytesMax,
    });

    private bool Add(JournalEntry entry)
    {
        var end = context.Ring.End;
        var follows = entry.Index == end.Index + 1 && entry.Epoch >= end.Epoch
            && JournalChain.Follows(end.Chain, entry);
        if (follows) context.Ring.Append(entry);
        else context.Stop(OwnerStopReason.HistoryLost);
        return follows;
    }

    private void Miss(EntryId missing)
    {
        _missing = missing;
        foreach (var said in _testimonies) said?.ClearNeverHad();
        Fetch();
    }

    private bool IsComplete(MemberStream stream) =>
        _testimonies[stream.Slot] is { } said && (said.Complete || !context.Rules.LimboCannotTestifyAbsence);

    // Another copy of a damaged entry is taken by its identity: one (index, epoch) has one history (I3). When a
    // majority of complete copies never had it, it was never committed, and the log counts as ending before it. While
    // the membership changes an earlier owner may have counted the old members only, or both: ask both.
    private void OnRepair(MemberStream stream, FetchReply reply, EntryId missing)
    {
        if (!reply.Entries.IsEmpty)
        {
            var entry = reply.Entries.Span[0];
            if (Identifies(entry, missing, reply.CommitHint))
            {
                _missing = null;
                if (Add(entry)) FetchOrFinish();
                return;
            }

            if (missing.Epoch == 0 || entry.Epoch == missing.Epoch) return;
        }
        else if (reply.Next == EntryPresence.Trimmed)
        {
            // A checkpoint covers it, and perhaps nobody has it any more: the rows go on from there.
            StopBehind(reply.Base);
            return;
        }
        else if (reply.Next != EntryPresence.Absent)
        {
            return;
        }

        var said = _testimonies[stream.Slot];
        if (said is null || !said.Complete || reply.Header.Limbo != LimboReason.None || !said.NoteNeverHad()) return;
        if (!context.Voters.IsHeldByMajorities(voter => _testimonies[voter.Slot] is { NeverHad: true })) return;

        var last = context.Ring.IdOf(context.Ring.LastIndex);
        _best!.EndAt(last);
        _best = null;
        context.Ring.CutAfter(Math.Max(context.DeliveredIndex, context.Ring.Start.Index));
        Choose();
    }

    private bool Identifies(JournalEntry entry, EntryId missing, ulong commitHint)
    {
        if (!JournalChain.Follows(context.Ring.End.Chain, entry)) return false;
        return missing.Epoch != 0 ? entry.Epoch == missing.Epoch : commitHint >= entry.Index;
    }

    private void StopBehind(LogBase oldest)
    {
        OldestBase = oldest;
        context.Stop(OwnerStopReason.BehindTrim);
    }
}
