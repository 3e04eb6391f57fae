namespace Gateway.Replication.Owner;

/// <summary>How this gateway came to own a volume, and how long each step took, in milliseconds.</summary>
public sealed record TakeoverReport
{
    public required ulong Epoch { get; init; }

    /// <summary>"firstOwner", "released" or "silent".</summary>
    public required string Cause { get; init; }

    /// <summary>When it was served.</summary>
    public required DateTimeOffset ServedAt { get; init; }

    /// <summary>
    /// From the last heartbeat that a majority of nodes may have heard to the decision; from the news to the decision when
    /// the owner gave up.
    /// </summary>
    public required long DetectMilliseconds { get; init; }

    /// <summary>The compare-and-set of the control record.</summary>
    public required long RecordMilliseconds { get; init; }

    /// <summary>Until a majority of nodes had promised.</summary>
    public required long FenceMilliseconds { get; init; }

    /// <summary>The tail of the journal that the rows lacked.</summary>
    public required long FetchMilliseconds { get; init; }

    /// <summary>Until the epoch's first entry was on a majority.</summary>
    public required long EstablishMilliseconds { get; init; }

    /// <summary>The rest of the old owner's lease.</summary>
    public required long LeaseMilliseconds { get; init; }

    /// <summary>Until clients were answered.</summary>
    public required long ServeMilliseconds { get; init; }

    public long TotalMilliseconds => DetectMilliseconds + RecordMilliseconds + FenceMilliseconds + FetchMilliseconds
        + EstablishMilliseconds + LeaseMilliseconds + ServeMilliseconds;
}
