namespace Gateway.Bench;

/// <summary>What a client has made durable, or read.</summary>
internal enum DurableOperation
{
    /// <summary>A new file.</summary>
    Create,

    /// <summary>64 KiB, FILE_SYNC.</summary>
    Write,

    /// <summary>64 KiB of what was written before.</summary>
    Read,
}

/// <summary>How long operations took, by kind, and over how much time they were done.</summary>
internal sealed class LatencySample
{
    private readonly List<TimeSpan>[] _took = [.. Enum.GetValues<DurableOperation>().Select(_ => new List<TimeSpan>())];

    public TimeSpan Elapsed { get; set; }

    public void Add(DurableOperation kind, TimeSpan took) => _took[(int)kind].Add(took);

    /// <summary>Those of another sample, of another time.</summary>
    public void Add(LatencySample other)
    {
        Merge(other);
        Elapsed += other.Elapsed;
    }

    /// <summary>Those of another client, of the same time.</summary>
    public void Merge(LatencySample other)
    {
        for (var kind = 0; kind < _took.Length; kind++) _took[kind].AddRange(other._took[kind]);
    }

    /// <param name="kind">Of which there is one at least.</param>
    /// <param name="share">0.99 is what one in a hundred took longer than.</param>
    public TimeSpan Percentile(DurableOperation kind, double share)
    {
        var ordered = _took[(int)kind];
        ordered.Sort();
        return ordered[Math.Min(ordered.Count - 1, (int)(share * ordered.Count))];
    }

    /// <summary>Per second.</summary>
    public double Rate(DurableOperation kind) => _took[(int)kind].Count / Elapsed.TotalSeconds;
}
