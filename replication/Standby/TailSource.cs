namespace Gateway.Replication.Standby;

/// <summary>
/// Which node a standby reads the journal from: a near one that knows of as much as the others, for as long as it is.
/// </summary>
/// <remarks>Not thread-safe.</remarks>
internal sealed class TailSource(TimeProvider time)
{
    public const int None = -1;

    /// <summary>A node that is that far behind the best is no worse for it.</summary>
    private const ulong BehindMax = 256;

    private static readonly TimeSpan BehindFor = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan AvoidFor = TimeSpan.FromSeconds(5);

    private readonly Dictionary<int, long> _avoidedSince = [];
    private long? _behindSince;

    public int Current { get; private set; } = None;

    /// <summary>The node's copy is damaged, or begins too late: others are asked first for a while.</summary>
    public void Avoid(int slot)
    {
        _avoidedSince[slot] = time.GetTimestamp();
        if (Current == slot) Current = None;
    }

    /// <param name="accounts">By slot; null while the node does not answer.</param>
    /// <param name="roundTrips">By slot; how long an answer takes that does not wait.</param>
    public void Choose(IReadOnlyList<NodeAccount?> accounts, IReadOnlyList<TimeSpan> roundTrips)
    {
        ulong known = 0;
        foreach (var account in accounts) known = Math.Max(known, account?.CommitHint ?? 0);
        if (Current != None && Stays(accounts[Current], known)) return;

        _behindSince = null;
        Current = Best(accounts, roundTrips, known, avoided: false);
        if (Current == None) Current = Best(accounts, roundTrips, known, avoided: true);
    }

    private bool Stays(NodeAccount? account, ulong known)
    {
        if (account is null) return false;
        if (account.CommitHint + BehindMax >= known)
        {
            _behindSince = null;
            return true;
        }

        _behindSince ??= time.GetTimestamp();
        return time.GetElapsedTime(_behindSince.Value) < BehindFor;
    }

    private int Best(
        IReadOnlyList<NodeAccount?> accounts, IReadOnlyList<TimeSpan> roundTrips, ulong known, bool avoided)
    {
        var best = None;
        for (var slot = 0; slot < accounts.Count; slot++)
        {
            if (accounts[slot] is not { } account || account.CommitHint + BehindMax < known) continue;
            if (!avoided && IsAvoided(slot)) continue;
            if (best == None || roundTrips[slot] < roundTrips[best]) best = slot;
        }

        return best;
    }

    private bool IsAvoided(int slot) =>
        _avoidedSince.TryGetValue(slot, out var since) && time.GetElapsedTime(since) < AvoidFor;
}
