namespace Gateway.Nfs.Locks;

/// <summary>How long and how often a client is told of a lock it waited for.</summary>
internal sealed record GrantTimings
{
    /// <summary>For one attempt: finding the client's lock manager, connecting, its answer.</summary>
    public TimeSpan AttemptMax { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>Between the first two attempts; doubles from one to the next.</summary>
    public TimeSpan RetryFirst { get; init; } = TimeSpan.FromSeconds(1);

    public TimeSpan RetryMax { get; init; } = TimeSpan.FromSeconds(15);

    /// <summary>Attempts before the client is given up: about five minutes.</summary>
    public int AttemptsMax { get; init; } = 24;
}
