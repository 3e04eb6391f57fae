namespace Gateway.Replication.Quorum;

/// <summary>The one place that says how many members are enough.</summary>
public static class QuorumRule
{
    /// <summary>Largest membership; bounds the scratch space of the predicates.</summary>
    public const int MembersMax = 15;

    /// <summary>Members whose acknowledgement commits an entry, and whose promise fences.</summary>
    public static int Majority(int members) => members / 2 + 1;

    /// <summary>
    /// Nodes that must have a slice before an entry refers to it: a majority of the members, of which witnesses take
    /// none. A membership is sound when this is more than the members whose loss the journal survives.
    /// </summary>
    public static int SliceCopies(int members, int dataMembers) => Math.Min(Majority(members), dataMembers);

    /// <summary>
    /// True when every slice that is durable survives the loss of any members that the journal survives.
    /// </summary>
    public static bool HasEnoughData(int members, int dataMembers) =>
        SliceCopies(members, dataMembers) > members - Majority(members);

    /// <summary>The highest value that at least <paramref name="needed"/> of the values reach.</summary>
    public static ulong ReachedBy(ReadOnlySpan<ulong> values, int needed)
    {
        Span<ulong> sorted = stackalloc ulong[MembersMax];
        sorted = sorted[..values.Length];
        values.CopyTo(sorted);
        sorted.Sort();
        return sorted[values.Length - needed];
    }

    /// <inheritdoc cref="ReachedBy(ReadOnlySpan{ulong}, int)"/>
    public static long ReachedBy(ReadOnlySpan<long> values, int needed)
    {
        Span<long> sorted = stackalloc long[MembersMax];
        sorted = sorted[..values.Length];
        values.CopyTo(sorted);
        sorted.Sort();
        return sorted[values.Length - needed];
    }
}
