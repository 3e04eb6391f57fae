using Gateway.Replication.Disks;
using Gateway.Replication.Journal;

namespace Gateway.Replication.Quorum;

/// <summary>What the owner knows of one member, and the window of appends on their way to it.</summary>
internal sealed class MemberStream(int slot, VolumeMember member)
{
    private const int InFlightAppendsMax = 64;
    private const long Never = long.MinValue / 4;

    private readonly (ulong LastIndex, long Bytes)[] _window = new (ulong, long)[InFlightAppendsMax];
    private int _windowStart;
    private int _windowCount;
    private ulong _probeNext = 1;
    private ulong _stepBack;

    public int Slot { get; } = slot;

    public VolumeMember Member { get; private set; } = member;

    /// <summary>False for a learner: it is streamed to, and its word does not count.</summary>
    public bool Counts { get; set; }

    /// <summary>A learner that may become a member: complete, and little behind.</summary>
    public bool Level { get; set; }

    public ulong Nonce { get; private set; }

    /// <summary>The member's log equals the owner's up to here, durably.</summary>
    public EntryId MatchId { get; private set; }

    public ulong Match => MatchId.Index;

    /// <summary>Index of the entry to send next.</summary>
    public ulong Next { get; set; } = 1;

    /// <summary>The match is not known: one append at a time, until one matches where the search began.</summary>
    public bool Probing { get; private set; }

    /// <summary>Answers to requests sent before are about another state of the stream.</summary>
    public long ModeSince { get; private set; } = Never;

    /// <summary>Answers to requests sent before may come from a copy that is gone.</summary>
    public long ReplacedAt { get; private set; } = Never;

    /// <summary>Newest sending time of an append that the node took: the lease counts from it.</summary>
    public long LeaseFrom { get; set; } = Never;

    public long LastAppendAt { get; set; } = Never;

    /// <summary>The commit index that the last append told of.</summary>
    public ulong CommitTold { get; set; }

    public long LastReplyAt { get; set; }

    public long AckNanoseconds { get; private set; }

    public LimboReason Limbo { get; set; }

    public bool Stalled { get; set; }

    public DiskSpace Space { get; set; }

    public bool Full { get; private set; }

    public long FullRetryAt { get; private set; }

    public long AdmitSentAt { get; set; } = Never;

    public long ReleaseSentAt { get; set; } = Never;

    public bool Released { get; set; }

    public ulong TrimSentUpTo { get; set; }

    /// <summary>Reading back entries older than the ring for this member, or null.</summary>
    public CatchUp? CatchUp { get; set; }

    public EntryId LastSent { get; private set; }

    public long InFlightBytes { get; private set; }

    /// <summary>What was sent is known to fit, and to have room.</summary>
    public bool IsSteady => !Probing && CatchUp is null && !Full;

    public bool WindowHasRoom => _windowCount < (Probing ? 1 : InFlightAppendsMax);

    public void Sent(EntryId last, long bytes)
    {
        _window[(_windowStart + _windowCount) % InFlightAppendsMax] = (last.Index, bytes);
        _windowCount++;
        InFlightBytes += bytes;
        LastSent = last;
        Next = last.Index + 1;
    }

    public void Matched(EntryId position)
    {
        if (position.Index > Match)
        {
            MatchId = position;
            Full = false;
        }

        if (position.Index + 1 >= _probeNext)
        {
            Probing = false;
            _stepBack = 0;
        }

        Next = Math.Max(Next, Match + 1);
        while (_windowCount > 0 && _window[_windowStart].LastIndex <= Match)
        {
            InFlightBytes -= _window[_windowStart].Bytes;
            _windowStart = (_windowStart + 1) % InFlightAppendsMax;
            _windowCount--;
        }
    }

    /// <summary>Starts to look for the match again, from an index on.</summary>
    public void ProbeFrom(ulong next, long now)
    {
        Next = Math.Max(next, Match + 1);
        Probing = true;
        _probeNext = Next;
        TrimSentUpTo = 0;
        ModeSince = now;
        LastAppendAt = Never;
        (_windowStart, _windowCount, InFlightBytes) = (0, 0, 0);
    }

    /// <summary>
    /// How much further back to go than the member said, doubling from one mismatch to the next: where epochs cannot be
    /// compared, a long divergence is found in few steps.
    /// </summary>
    public ulong StepBack() => _stepBack = Math.Min(2 * _stepBack + 1, 1 << 20);

    public void BecomeFull(long now, long retryNanoseconds)
    {
        Full = true;
        FullRetryAt = now + retryNanoseconds;
        ProbeFrom(Next, now);
    }

    /// <summary>
    /// The copy lost or damaged something: what it acknowledged before no longer counts (PROTOCOL §2.8).
    /// </summary>
    public void Damaged(ulong nonce, long now)
    {
        Nonce = nonce;
        MatchId = default;
        CatchUp = null;
        ProbeFrom(Next, now);
    }

    public void Replace(ulong incarnation, long now)
    {
        Member = Member with { Incarnation = incarnation };
        (Nonce, MatchId, CatchUp, Full) = (0, default, null, false);
        (LeaseFrom, AdmitSentAt, ReplacedAt) = (Never, Never, now);
        ProbeFrom(Next, now);
    }

    public MemberProgress Progress() => new()
    {
        NodeId = Member.NodeId,
        Incarnation = Member.Incarnation,
        MatchIndex = Match,
        Nonce = Nonce,
        Counts = Counts,
        Level = Level,
        Limbo = Limbo,
        Full = Full,
        Stalled = Stalled,
        LastReplyAt = LastReplyAt,
        AckNanoseconds = AckNanoseconds,
        Space = Space,
    };

    public void Measure(long nanoseconds) =>
        AckNanoseconds = AckNanoseconds == 0 ? nanoseconds : AckNanoseconds + (nanoseconds - AckNanoseconds) / 8;
}

/// <summary>A fetch from <paramref name="Source"/> on behalf of a member that is behind the ring.</summary>
internal sealed record CatchUp(int Source, ulong FromIndex, long SentAt)
{
    /// <summary>
    /// All peers have trimmed the entries: a base is being installed instead, before <see cref="FromIndex"/>.
    /// </summary>
    public bool InstallsBase { get; init; }
}
