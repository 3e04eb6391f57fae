using Gateway.Replication.Links;
using Gateway.Replication.Quorum;

namespace Gateway.Replication.Nodes;

/// <summary>
/// The standbys' questions at one node: kept until there is something to tell, and answered behind the owner's requests,
/// a bounded number of bytes between two batches of those. Journal thread only.
/// </summary>
internal sealed class TailWaits(NodeCore core)
{
    /// <summary>Questions kept; further ones are answered at once with what there is.</summary>
    public const int WaitingMax = 64;

    /// <summary>Questions that want an answer at once and have to stand in line; further ones are dropped.</summary>
    private const int InLineMax = 4 * WaitingMax;

    private const long TurnBytesMax = TailRequest.BytesMaxLimit;
    private const long NanosecondsPerMillisecond = 1_000_000;

    private readonly List<Waiting> _waiting = [];
    private readonly List<(NodeReply Reply, Waiting To)> _answers = [];

    public void Add(TailRequest request, ulong requestId, IJournalReplies replies, long now)
    {
        if (_waiting.Count == InLineMax) return;

        var milliseconds = Math.Clamp(request.WaitMilliseconds, 0, TailRequest.WaitMillisecondsMax);
        var dueAt = _waiting.Count < WaitingMax ? now + milliseconds * NanosecondsPerMillisecond : now;
        _waiting.Add(new Waiting(request, requestId, replies, dueAt));
    }

    /// <summary>Until a question must be answered; zero when one can be.</summary>
    public TimeSpan UntilDue(long now)
    {
        if (_waiting.Count == 0) return Timeout.InfiniteTimeSpan;

        var dueAt = long.MaxValue;
        foreach (var waiting in _waiting) dueAt = Math.Min(dueAt, core.HasNews(waiting.Request) ? now : waiting.DueAt);
        return TimeSpan.FromMilliseconds(Math.Ceiling(Math.Max(0, dueAt - now) / (double)NanosecondsPerMillisecond));
    }

    /// <summary>Answers what is due, oldest first, up to the bytes of a turn.</summary>
    public void Serve(long now)
    {
        long bytes = 0;
        var kept = 0;
        for (var at = 0; at < _waiting.Count; at++)
        {
            var waiting = _waiting[at];
            var isDue = waiting.DueAt <= now || core.HasNews(waiting.Request);
            if (isDue && bytes < TurnBytesMax) bytes += Answer(waiting, now);
            else _waiting[kept++] = waiting;
        }

        _waiting.RemoveRange(kept, _waiting.Count - kept);
        if (_answers.Count == 0) return;

        // Reading may have met rot, which is on record before anybody hears of it.
        core.Flush();
        foreach (var (reply, to) in _answers) to.Replies.Reply(to.RequestId, reply);
        _answers.Clear();
    }

    private long Answer(in Waiting waiting, long now)
    {
        var reply = core.Step(waiting.Request, now);
        _answers.Add((reply, waiting));
        if (reply is not TailReply tail) return 0;

        long bytes = 0;
        foreach (var entry in tail.Entries.Span) bytes += entry.Payload.Length;
        return bytes;
    }

    private readonly record struct Waiting(
        TailRequest Request, ulong RequestId, IJournalReplies Replies, long DueAt);
}
