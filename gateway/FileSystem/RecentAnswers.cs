namespace Gateway.FileSystem;

/// <summary>
/// What requests were answered that leave nothing behind by which a late copy would be known. Carried out after the client has
/// had its answer, and has gone on, a copy would be a change that nobody asked for.
/// </summary>
/// <remarks>
/// In memory only. Whoever serves the volume next need not know, as nothing is carried out there that was sent before it opened
/// the volume. The oldest go first, at <see cref="AnswersMax"/> and after <see cref="RecordedReply.TimeToLive"/>. For one
/// thread at a time.
/// </remarks>
internal sealed class RecentAnswers<TAnswer>
    where TAnswer : struct
{
    public const int AnswersMax = 1 << 16;

    private readonly Dictionary<UInt128, Answered> _byRequest = [];
    private readonly Queue<(UInt128 Request, long Clock)> _byAge = [];

    public int Count => _byAge.Count;

    /// <param name="request">Hash of client and request.</param>
    /// <param name="clock">Nanoseconds, of one clock for all.</param>
    public TAnswer? Find(UInt128 request, long clock) =>
        _byRequest.TryGetValue(request, out var answered) && !RecordedReply.IsExpired(answered.Clock, clock) ? answered.Answer : null;

    /// <param name="request">Hash of client and request.</param>
    /// <param name="clock">Nanoseconds, of one clock for all.</param>
    /// <param name="answer">Not one that says "not now": such requests come again.</param>
    public void Add(UInt128 request, long clock, TAnswer answer)
    {
        while (_byAge.TryPeek(out var oldest) && (_byAge.Count >= AnswersMax || RecordedReply.IsExpired(oldest.Clock, clock)))
        {
            _byAge.Dequeue();

            // Answered again since the first was too old: that one counts.
            if (_byRequest.TryGetValue(oldest.Request, out var answered) && answered.Clock == oldest.Clock)
                _byRequest.Remove(oldest.Request);
        }

        _byRequest[request] = new Answered(answer, clock);
        _byAge.Enqueue((request, clock));
    }

    public void Clear()
    {
        _byRequest.Clear();
        _byAge.Clear();
    }

    private readonly record struct Answered(TAnswer Answer, long Clock);
}
