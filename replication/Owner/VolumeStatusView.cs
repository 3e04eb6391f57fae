using Gateway.Replication.Quorum;
using Gateway.Replication.Rows;
using Gateway.Replication.Store;
using Gateway.Replication.Wire;

namespace Gateway.Replication.Owner;

/// <summary>Gathers a <see cref="VolumeStatus"/> from the parts of a volume.</summary>
internal sealed class VolumeStatusView(
    string volume,
    OwnerHost owner,
    IRowStore rows,
    VolumePeers peers,
    VolumeWork work,
    VolumeStore store)
{
    // A node that lives answers every heartbeat.
    private static readonly TimeSpan SilentAfter = TimeSpan.FromSeconds(2);

    /// <summary>Stands for a node that has not told of itself yet.</summary>
    private static readonly NodeCondition NotAsked = new() { Outcome = NodeOutcome.Ok };

    public static VolumeStatus Read(
        string volume, OwnerHost owner, IRowStore rows, VolumePeers peers,
            VolumeWork work, VolumeStore store) =>
        new VolumeStatusView(volume, owner, rows, peers, work, store).Read();

    /// <summary>What is to be said of a volume that this process does not own.</summary>
    public static VolumeStatus Unowned(string volume, string state, IReadOnlyList<NodePeer> peers) => new()
    {
        Volume = volume,
        Epoch = 0,
        State = state,
        CommitIndex = 0,
        AppliedIndex = 0,
        CheckpointIndex = 0,
        Rows = 0,
        LeaseRemaining = TimeSpan.Zero,
        Space = default,
        WrittenBytes = 0,
        ReadBytes = 0,
        CacheHits = 0,
        CacheMisses = 0,
        HedgedReads = 0,
        HealedSlices = 0,
        HealedBytes = 0,
        OrphansFreed = 0,
        ScrubbedBytes = 0,
        ScrubRounds = 0,
        Nodes = [.. peers.Select(peer => StandingOf(peer, default, 0, TimeSpan.Zero))],
    };

    private VolumeStatus Read()
    {
        ulong checkpoint = 0;
        if (!store.Stopped.IsCompleted)
        {
            using var snapshot = store.OpenSnapshot();
            checkpoint = CheckpointManifest.ReadAll(snapshot).LastOrDefault()?.Position.Index ?? 0;
        }

        return new VolumeStatus
        {
            Volume = volume,
            Epoch = owner.Epoch,
            State = State,
            CommitIndex = owner.CommitIndex,
            AppliedIndex = rows.Applied.Index,
            CheckpointIndex = checkpoint,
            Rows = rows.Count,
            LeaseRemaining = owner.LeaseRemaining,
            Space = work.Slices.Space,
            WrittenBytes = work.Slices.WrittenBytes,
            ReadBytes = work.Slices.ReadBytes,
            CacheHits = work.Slices.Cache.Hits,
            CacheMisses = work.Slices.Cache.Misses,
            HedgedReads = work.Slices.Fetch.Hedged,
            HealedSlices = work.Heal.HealedSlices,
            HealedBytes = work.Heal.HealedBytes,
            OrphansFreed = work.Heal.OrphansFreed,
            ScrubbedBytes = work.Scrub.ScrubbedBytes,
            ScrubRounds = work.Scrub.Rounds,
            SpilledSlices = work.Slices.Spilled.Slices,
            SpilledBytes = work.Slices.Spilled.Bytes,
            SpillReason = SpillReason,
            Nodes = [.. peers.Select(peer =>
                StandingOf(peer, owner.ProgressOf(peer.Node), work.Owed.CountOf(peer), owner.SinceReply(peer.Node)))],
        };
    }

    private string SpillReason
    {
        get
        {
            if (work.Slices.Spilled.Slices == 0) return "";
            var reasons = peers.Data.Select(DescribeDebt).Where(reason => reason.Length != 0).ToList();
            return reasons.Count != 0 ? string.Join(", ", reasons) : "the copies on the nodes are being read back";
        }
    }

    private string State => store.Stopped.IsCompleted || owner.Stopped.IsCompleted ? "stopped"
        : owner.Phase != OwnerPhase.Leading ? "recovering"
        : owner.LeaseValid ? "serving"
        : "waiting";

    private string DescribeDebt(NodePeer peer)
    {
        if (!peer.IsUp) return $"{peer.Node} does not answer";
        if (peer.IsOverdue) return $"{peer.Node} does not take slices in time";
        return work.Owed.CountOf(peer) is > 0 and var count ? $"{peer.Node} lacks {count} slices" : "";
    }

    private static NodeStanding StandingOf(NodePeer peer, MemberProgress progress, long owed, TimeSpan sinceReply)
    {
        var condition = peer.Condition ?? NotAsked;
        return new NodeStanding
        {
            Node = peer.Node,
            Address = peer.Address.Connector.Address,
            IsWitness = peer.IsWitness,
            IsLearner = peer.IsLearner,
            State = StateOf(peer, progress, sinceReply),
            MatchIndex = progress.MatchIndex,
            CommitHint = condition.CommitHint,
            OwedSlices = owed,
            LastAnswerSeconds = sinceReply.TotalSeconds,
            AvailableBytes = condition.AvailableBytes,
            SliceCount = condition.SliceCount,
            SliceBytes = condition.SliceBytes,
            DamageFound = peer.DamageFound + condition.EntryDamageFound,
            DamageRepaired = peer.DamageRepaired + condition.EntryDamageRepaired,
            DamagedEntries = condition.DamagedEntries,
            FlushMicroseconds = condition.FlushMicroseconds,
        };
    }

    private static string StateOf(NodePeer peer, MemberProgress progress, TimeSpan sinceReply)
    {
        if (!peer.JournalUp || !peer.IsUp) return "down";
        if (peer.Condition is { Outcome: NodeOutcome.Failed }) return "failed";
        if (sinceReply > SilentAfter) return "silent";
        if (progress.Limbo != LimboReason.None || peer.Condition is { Limbo: true }) return "limbo";
        if (progress.Stalled || peer.Condition is { Stalled: true }) return "stalled";
        return progress.Full || peer.Condition is { Full: true } ? "full" : "up";
    }
}
