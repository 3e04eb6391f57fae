namespace Gateway.Replication.Quorum;

/// <summary>
/// Tells the nodes that the lease is over, so that the next owner need not wait for it (PROTOCOL §2.2,
/// Release).
/// </summary>
internal sealed class LeaseRelease(OwnerContext context)
{
    private long _startedAt;

    /// <summary>
    /// One node that knows is enough for the next owner; more make it likely that it hears of it. Silent nodes
    /// are not waited for: the release is a courtesy.
    /// </summary>
    public bool Done
    {
        get
        {
            var waited = context.Now - _startedAt;
            return context.Voters.Voters.All(static stream => stream.Released)
                || waited >= context.Options.HeartbeatNanoseconds
                    && context.Voters.IsHeldByMajorities(static stream => stream.Released)
                || waited >= 4 * context.Options.RetryNanoseconds;
        }
    }

    public long WakeAt
    {
        get
        {
            var at = _startedAt + 4 * context.Options.RetryNanoseconds;
            var heartbeat = context.Options.HeartbeatNanoseconds;
            if (context.Now < _startedAt + heartbeat) at = Math.Min(at, _startedAt + heartbeat);
            foreach (var stream in context.Streams)
                if (!stream.Released) at = Math.Min(at, stream.ReleaseSentAt + heartbeat);

            return at;
        }
    }

    public void Start()
    {
        _startedAt = context.Now;
        foreach (var stream in context.Streams) Tell(stream);
    }

    public void Tell(MemberStream stream)
    {
        if (stream.Released || context.Now - stream.ReleaseSentAt < context.Options.HeartbeatNanoseconds) return;

        stream.ReleaseSentAt = context.Now;
        context.Send(stream, new ReleaseRequest { Header = context.Header(stream) });
    }
}
