namespace Gateway.Replication.Owner;

/// <summary>How far a change of a volume's members is, for people who wait for it.</summary>
public sealed record ChangeProgress
{
    /// <summary>
    /// "learning" (nodes that join get the journal), "joining" (old and new members both count), "copying" (slices to
    /// nodes that join), "ending" (the control record is changed).
    /// </summary>
    public required string Phase { get; init; }

    /// <summary>The members that it leads to.</summary>
    public required IReadOnlyList<string> Members { get; init; }

    /// <summary>Bytes of slices that nodes that join are known to lack.</summary>
    public required long BytesLeft { get; init; }

    /// <summary>Bytes per second copied lately.</summary>
    public required double BytesPerSecond { get; init; }

    /// <summary>Seconds until the known bytes are copied at that rate; null when nothing can be said.</summary>
    public double? SecondsLeft => BytesLeft == 0 ? 0 : BytesPerSecond > 0 ? BytesLeft / BytesPerSecond : null;

    /// <summary>What it waits for.</summary>
    public required string Reason { get; init; }
}
