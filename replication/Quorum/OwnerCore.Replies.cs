namespace Gateway.Replication.Quorum;

public sealed partial class OwnerCore
{
    /// <summary>A member's reply. Duplicated, late and reordered ones are welcome.</summary>
    public void Receive(int member, NodeReply reply, long now, List<OwnerEffect> effects)
    {
        if (!Enter(now, effects)) return;

        if (_context.Streams.Find(member) is not { } stream) return;

        // The next owner did not wait until all nodes were told: the volume is in its hands.
        if (Phase == OwnerPhase.Releasing && reply.Header.PromisedEpoch > Epoch) _context.Stop(OwnerStopReason.Released);

        if (_gate.Accept(stream, reply.Header)) Dispatch(stream, reply);
        if (_context.Stopped == OwnerStopReason.None) Serve(stream);
        Settle();
    }

    private void Dispatch(MemberStream stream, NodeReply reply)
    {
        switch (reply)
        {
            case AppendReply append:
                _feed.OnAppend(stream, append);
                _context.AdvanceCommit();
                break;
            case NewEpochReply promise:
                _recovery.OnPromise(stream, promise);
                break;
            case FetchReply fetched:
                if (Phase == OwnerPhase.Recovering) _recovery.OnFetched(stream, fetched);
                else _feed.OnFetched(stream, fetched);
                break;
            case PlainReply plain:
                OnPlain(stream, plain.Header);
                break;
        }
    }

    private void OnPlain(MemberStream stream, in ReplyHeader header)
    {
        if (header.Status == NodeStatus.Full)
        {
            _feed.OnFull(stream, header.SentAt);
            return;
        }

        if (header.Status != NodeStatus.Ok) return;
        if (header.SentAt == stream.ReleaseSentAt) stream.Released = true;
        if (header.SentAt == stream.AdmitSentAt && Phase == OwnerPhase.Recovering) _recovery.Ask(stream);
        _feed.OnBaseInstalled(stream, header.SentAt);
    }

    private void Serve(MemberStream stream)
    {
        if (Phase == OwnerPhase.Releasing) _release.Tell(stream);
        else _feed.Pump(stream);
    }

    // Moves on to the next phase when what it waits for has come.
    private void Settle()
    {
        if (_context.Stopped != OwnerStopReason.None)
        {
            Phase = OwnerPhase.Stopped;
            return;
        }

        if (Phase == OwnerPhase.Recovering && _recovery.Done) Phase = OwnerPhase.Recovered;

        if (Phase == OwnerPhase.Establishing && CommitIndex >= EpochStartIndex
            && _context.Now >= _recovery.OldLeaseUntil)
        {
            Phase = OwnerPhase.Leading;
            _context.Emit(new OwnerEffect(OwnerEffectKind.Leading));
        }

        if (Phase == OwnerPhase.HandingOver && CommitIndex >= _handoverIndex)
        {
            // From here on the lease is gone for this owner, before any node hears of it.
            Phase = OwnerPhase.Releasing;
            _release.Start();
        }

        if (Phase == OwnerPhase.Releasing && _release.Done)
        {
            _context.Stop(OwnerStopReason.Released);
            Phase = OwnerPhase.Stopped;
        }
    }
}
