using Gateway.Replication.Journal;

namespace Gateway.Replication.Quorum;

/// <summary>
/// Brings every member's log level with the owner's and keeps it there (PROTOCOL §2.4, §2.5): pipelined appends
/// from the shared ring, going back on mismatch, older entries by way of a peer, a base where all peers have
/// trimmed.
/// </summary>
internal sealed class JournalFeed(OwnerContext context)
{
    /// <summary>Sends what the window allows, and a heartbeat when one is due.</summary>
    public void Pump(MemberStream stream)
    {
        if (context.EpochStartIndex == 0) return;

        if (stream.CatchUp is { } catchUp && context.Now - catchUp.SentAt >= context.Options.RetryNanoseconds)
            stream.CatchUp = null;

        if (stream.CatchUp is null) SendEntries(stream);
        if (context.Now >= context.HeartbeatDue(stream)) SendHeartbeat(stream);
        SendTrim(stream);
    }

    public void OnAppend(MemberStream stream, AppendReply reply)
    {
        var sentAt = reply.Header.SentAt;
        stream.LeaseFrom = Math.Max(stream.LeaseFrom, sentAt);
        if (!reply.Matched)
        {
            if (sentAt >= stream.ModeSince) GoBack(stream, reply.Position);
            return;
        }

        // A base or a match beyond our end: committed entries that this owner has never seen.
        if (reply.Position.Index > context.Ring.LastIndex)
        {
            context.Stop(OwnerStopReason.HistoryLost);
            return;
        }

        // The same index of another history is no match, whatever made the member append it.
        if (!context.Ring.Agrees(reply.Position))
        {
            if (sentAt >= stream.ModeSince) GoBack(stream, reply.Position);
            return;
        }

        if (reply.Position.Index > stream.Match) stream.Measure(context.Now - sentAt);
        stream.Matched(reply.Position);
        if (!stream.Counts) stream.Level = IsLevel(stream);
    }

    public void OnFull(MemberStream stream, long sentAt)
    {
        stream.LeaseFrom = Math.Max(stream.LeaseFrom, sentAt);
        if (sentAt >= stream.ModeSince) stream.BecomeFull(context.Now, 2 * context.Options.RetryNanoseconds);
    }

    /// <summary>A peer answered a fetch on behalf of the members that are behind the ring.</summary>
    public void OnFetched(MemberStream source, FetchReply reply)
    {
        // Recovery asked too, and what it got may have been given up since: only what was asked in this epoch counts.
        if (reply.Header.SentAt <= context.EpochBeganAt) return;

        foreach (var stream in context.Streams)
        {
            // A late answer to an earlier try is as good: committed entries never change.
            if (stream.CatchUp is { InstallsBase: false } catchUp && catchUp.Source == source.Slot
                && catchUp.FromIndex == reply.FromIndex)
            {
                Forward(stream, reply);
                return;
            }
        }
    }

    public void OnBaseInstalled(MemberStream stream, long sentAt)
    {
        if (stream.CatchUp is not { InstallsBase: true } catchUp || catchUp.SentAt != sentAt) return;

        stream.CatchUp = null;
        stream.ProbeFrom(catchUp.FromIndex, context.Now);
    }

    private bool IsLevel(MemberStream learner) => learner.Limbo == LimboReason.None
        && context.Ring.BytesAfter(learner.Match, context.Options.LearnerBehindBytesMax)
            <= context.Options.LearnerBehindBytesMax;

    private void GoBack(MemberStream stream, EntryId position)
    {
        var start = context.Ring.Start;
        ulong next;
        if (position.Index >= start.Index && position.Epoch >= start.Epoch)
        {
            next = context.Ring.LastNotBeyond(position) + 1;
        }
        else
        {
            next = Math.Min(position.Index, start.Index) + 1;
            next -= Math.Min(next - 1, stream.StepBack() / 2);
        }

        stream.CatchUp = null;
        stream.ProbeFrom(next, context.Now);
    }

    private void SendEntries(MemberStream stream)
    {
        if (stream.Full && context.Now < stream.FullRetryAt) return;
        while (stream.Next <= context.Ring.LastIndex && stream.WindowHasRoom
            && stream.InFlightBytes < context.Options.InFlightBytesMax)
        {
            if (stream.Next <= context.Ring.Start.Index)
            {
                SendCatchUp(stream);
                return;
            }

            if (stream.Probing) return;

            var run = context.Ring.Run(
                stream.Next, context.Options.AppendBytesMax, context.Options.AppendEntriesMax);
            SendAppend(stream, context.Ring.IdOf(stream.Next - 1), run);
            if (stream.Full) return;
        }
    }

    // Named is what was sent last, so that the answer tells of losses. Before the ring that may be unknown; the match
    // renews the lease all the same.
    private void SendHeartbeat(MemberStream stream)
    {
        if (stream.Next > context.Ring.Start.Index) SendAppend(stream, context.Ring.IdOf(stream.Next - 1), default);
        else SendAppend(stream, stream.LastSent.Index + 1 == stream.Next ? stream.LastSent : stream.MatchId, default);
    }

    private void SendAppend(MemberStream stream, EntryId previous, ReadOnlyMemory<JournalEntry> entries)
    {
        (stream.LastAppendAt, stream.CommitTold) = (context.Now, context.CommitIndex);
        if (!entries.IsEmpty)
        {
            long bytes = 0;
            foreach (var entry in entries.Span) bytes += entry.Payload.Length;
            stream.Sent(entries.Span[^1].Id, bytes);
        }

        context.Send(stream, new AppendRequest
        {
            Header = context.Header(stream),
            Previous = previous,
            Entries = entries,
            CommitIndex = context.CommitIndex,
            EpochStartIndex = context.EpochStartIndex,
            EchoNonce = stream.Nonce,
        });
    }

    private void SendCatchUp(MemberStream stream)
    {
        if (Source(stream) is not { } source) return;

        stream.CatchUp = new CatchUp(source.Slot, stream.Next, context.Now);
        context.Send(source, new FetchRequest
        {
            Header = context.Header(source),
            FromIndex = stream.Next,
            ToIndex = Math.Min(context.CommitIndex, context.Ring.Start.Index),
            BytesMax = context.Options.AppendBytesMax,
        });
    }

    // The member that was heard last among those that have everything below the ring.
    private MemberStream? Source(MemberStream behind)
    {
        MemberStream? best = null;
        foreach (var stream in context.Streams)
        {
            if (stream == behind || stream.Match < context.Ring.Start.Index) continue;
            if (best is null || stream.LastReplyAt > best.LastReplyAt) best = stream;
        }

        return best;
    }

    private void Forward(MemberStream stream, FetchReply reply)
    {
        stream.CatchUp = null;
        if (reply.FromIndex != stream.Next) return;
        if (reply.Previous is { } previous && !reply.Entries.IsEmpty)
        {
            SendAppend(stream, previous, reply.Entries);
        }
        else if (reply.Next == EntryPresence.Trimmed)
        {
            stream.CatchUp = new CatchUp(stream.Slot, reply.Base.Index + 1, context.Now) { InstallsBase = true };
            context.Send(stream, new InstallBaseRequest { Header = context.Header(stream), Base = reply.Base });
        }
    }

    private void SendTrim(MemberStream stream)
    {
        if (context.TrimUpTo <= stream.TrimSentUpTo || stream.Match < context.TrimCheckpointIndex) return;
        if (context.CommitIndex < context.TrimCheckpointIndex) return;

        // The node trims only what it knows to be committed, and may not have heard of that yet.
        SendHeartbeat(stream);
        stream.TrimSentUpTo = context.TrimUpTo;
        context.Send(stream, new TrimRequest
        {
            Header = context.Header(stream),
            UpToIndex = context.TrimUpTo,
            CheckpointIndex = context.TrimCheckpointIndex,
        });
    }
}
