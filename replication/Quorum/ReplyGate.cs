namespace Gateway.Replication.Quorum;

/// <summary>
/// Decides which replies an owner may believe: of its epoch, of the copy in the control record, of that copy's
/// present nonce (PROTOCOL §2.8).
/// </summary>
internal sealed class ReplyGate(OwnerContext context, JournalRecovery recovery)
{
    public ulong HighestPromise { get; private set; } = context.Record.Epoch;

    public bool Accept(MemberStream stream, in ReplyHeader header)
    {
        HighestPromise = Math.Max(HighestPromise, header.PromisedEpoch);
        if (header.PromisedEpoch > context.Record.Epoch || header.Status == NodeStatus.Fenced)
        {
            context.Stop(OwnerStopReason.Fenced);
            return false;
        }

        if (header.SentAt < stream.ReplacedAt) return false;

        if (header.Incarnation != stream.Member.Incarnation)
        {
            if (header.Status == NodeStatus.OtherIncarnation) NoteOtherCopy(stream, header.Incarnation);
            return false;
        }

        if (header.Status == NodeStatus.Retired) return false;

        if (header.Status is NodeStatus.NotAdmitted)
        {
            if (context.Now - stream.AdmitSentAt >= context.Options.HeartbeatNanoseconds) Admit(stream);
            return false;
        }

        if (header.ConfigGeneration > context.Record.ConfigGeneration)
        {
            context.Stop(OwnerStopReason.OldConfiguration);
            return false;
        }

        return header.Status != NodeStatus.OldConfiguration && AcceptNonce(stream, header);
    }

    // An acknowledgement from before the damage says nothing about what is there now (PROTOCOL §2.8).
    private bool AcceptNonce(MemberStream stream, in ReplyHeader header)
    {
        if (header.Nonce != stream.Nonce && context.Rules.CheckNonce)
        {
            if (header.Nonce < stream.Nonce) return false;

            stream.Damaged(header.Nonce, context.Now);
            recovery.Forget(stream.Slot);
            if (context.Stopped != OwnerStopReason.None) return false;
        }

        stream.LastReplyAt = context.Now;
        stream.Limbo = header.Limbo;
        stream.Stalled = header.Stalled;
        stream.Space = header.Space;
        return true;
    }

    private void NoteOtherCopy(MemberStream stream, ulong incarnation)
    {
        if (context.Now - stream.AdmitSentAt < context.Options.HeartbeatNanoseconds) return;

        if (!stream.Counts)
        {
            // No record names a learner yet: it is whatever copy is there.
            stream.Replace(incarnation, context.Now);
            Admit(stream);
            return;
        }

        stream.AdmitSentAt = context.Now;
        context.Emit(new OwnerEffect(OwnerEffectKind.MemberChanged)
        {
            Member = stream.Slot,
            Incarnation = incarnation,
        });
    }

    public void Admit(MemberStream stream)
    {
        stream.AdmitSentAt = context.Now;
        context.Send(stream, new AdmitRequest { Header = context.Header(stream) });
    }
}
