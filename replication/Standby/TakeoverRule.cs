using System.Text;
using Gateway.Replication.Quorum;
using Gateway.Replication.Rows;

namespace Gateway.Replication.Standby;

/// <summary>Why a gateway tries to own a volume.</summary>
public enum TakeoverCause
{
    /// <summary>It has no reason to.</summary>
    None,

    /// <summary>The volume never had an owner.</summary>
    FirstOwner,

    /// <summary>The owner gave up in good order: it stopped, or hands over.</summary>
    Released,

    /// <summary>A majority of nodes has not heard an owner for most of a lease.</summary>
    Silent,
}

/// <summary>What a standby knows when it decides.</summary>
internal sealed record TakeoverView
{
    /// <summary>This gateway.</summary>
    public required string Gateway { get; init; }

    public required string Volume { get; init; }

    public required VolumeRecord Record { get; init; }

    /// <summary>How long the record's epoch has been known here.</summary>
    public required TimeSpan EpochAge { get; init; }

    /// <summary>Time since each node answered, and what it said.</summary>
    public required IReadOnlyList<(TimeSpan Age, NodeAccount Account)> Accounts { get; init; }

    /// <summary>The gateway that is wanted; null for any.</summary>
    public string? Placement { get; init; }

    public IReadOnlyList<StandbyPresence> Standbys { get; init; } = [];

    public IReadOnlyDictionary<string, int> VolumesOwned { get; init; } = new Dictionary<string, int>();
}

/// <summary>
/// When a standby tries to own its volume: pure, and only about liveness. A wrong guess costs an epoch; that two own at
/// once is ruled out by the nodes' promises and leases (PROTOCOL §2.3, §2.6).
/// </summary>
/// <remarks>
/// What counts is what the nodes hear, not what the control plane says: an owner that is cut off from that goes on as long
/// as it proves its lease at the nodes. The try begins before the lease is over, so that its first steps and the rest of
/// the lease pass together.
/// </remarks>
internal static class TakeoverRule
{
    /// <summary>An older answer says nothing about now.</summary>
    private static readonly TimeSpan FreshFor = TimeSpan.FromMilliseconds(700);

    private static readonly TimeSpan Step = TimeSpan.FromMilliseconds(150);
    private static readonly TimeSpan FirstOwnerPatience = TimeSpan.FromSeconds(2);

    /// <summary>How long the gateway that a volume is handed to is waited for.</summary>
    public static readonly TimeSpan HandOverPatience = TimeSpan.FromSeconds(2);

    public static TakeoverCause CauseOf(TakeoverView view)
    {
        if (view.Record.Epoch == 0) return TakeoverCause.FirstOwner;

        var epoch = view.Record.Epoch;
        foreach (var (_, account) in view.Accounts) epoch = Math.Max(epoch, account.HeartbeatEpoch);
        if (view.Accounts.Any(told => told.Account.ReleasedEpoch >= epoch)) return TakeoverCause.Released;
        return IsSilent(view) ? TakeoverCause.Silent : TakeoverCause.None;
    }

    /// <summary>How long to wait with the try after the cause was first seen, so that others may go first.</summary>
    /// <param name="view">As it is now.</param>
    /// <param name="cause">Not <see cref="TakeoverCause.None"/>.</param>
    /// <param name="random">In [0, 1), drawn once for each time the cause comes up.</param>
    public static TimeSpan PatienceOf(TakeoverView view, TakeoverCause cause, double random)
    {
        var rank = RankOf(view);
        var patience = rank == 0 ? TimeSpan.Zero : Step * (rank + random);
        var isWanted = view.Placement == view.Gateway;
        var othersTurn = !isWanted && view.Standbys.Any(standby => standby.Gateway == view.Placement);
        if (cause == TakeoverCause.Released && othersTurn) patience += HandOverPatience;
        if (cause == TakeoverCause.FirstOwner && rank > 0) patience += FirstOwnerPatience;
        return patience;
    }

    /// <summary>
    /// Another gateway has taken the volume, and no majority of the nodes is known to have heard it yet: it is given the time
    /// of a lease and a random part of one, or two that see each other's tries would try for ever.
    /// </summary>
    /// <remarks>
    /// That one node has heard it does not end its time: the answers of the others may be a moment older, and tell of silence.
    /// </remarks>
    public static bool IsRivalAtWork(TakeoverView view, double random)
    {
        if (view.Record.Epoch == 0) return false;

        var heard = view.Accounts.Count(told => told.Account.HeartbeatEpoch >= view.Record.Epoch);
        return heard < QuorumRule.Majority(view.Record.Members.Count)
            && view.EpochAge.TotalMilliseconds < view.Record.LeaseMilliseconds * (1 + random / 2);
    }

    /// <summary>Time that an owner may be silent before it is given up, of a lease of so many milliseconds.</summary>
    public static TimeSpan SilenceOf(int leaseMilliseconds) => TimeSpan.FromMilliseconds(leaseMilliseconds * 0.75);

    // While the membership changes both sets decide, here as everywhere.
    private static bool IsSilent(TakeoverView view) => IsSilent(view, view.Record.Members)
        && (view.Record.NewMembers is not { } joining || IsSilent(view, joining));

    private static bool IsSilent(TakeoverView view, IReadOnlyList<VolumeMember> members)
    {
        var silence = SilenceOf(view.Record.LeaseMilliseconds);
        var silent = members.Count(member => view.Accounts.Any(told =>
            told.Account.Node == member.NodeId && told.Age <= FreshFor && told.Account.SinceHeartbeat >= silence));
        return silent >= QuorumRule.Majority(members.Count);
    }

    // The wanted one first, then those that are level, then those that serve the fewest volumes; every gateway finds the
    // same order, by its own view of who is there.
    private static int RankOf(TakeoverView view)
    {
        var own = view.Standbys.FirstOrDefault(standby => standby.Gateway == view.Gateway)
            ?? new StandbyPresence(view.Gateway, Ready: false);
        return view.Standbys.Count(other => other.Gateway != own.Gateway && OrderOf(view, other).CompareTo(OrderOf(view, own)) < 0);
    }

    private static (int Unwanted, int Behind, int Serves, ulong Lot) OrderOf(TakeoverView view, StandbyPresence standby) => (
        standby.Gateway == view.Placement ? 0 : 1,
        standby.Ready ? 0 : 1,
        view.VolumesOwned.GetValueOrDefault(standby.Gateway),
        RowHash.OfKey(Encoding.UTF8.GetBytes($"{view.Volume}/{standby.Gateway}")));
}
