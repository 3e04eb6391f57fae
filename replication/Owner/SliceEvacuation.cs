using Gateway.Replication.Slices;

namespace Gateway.Replication.Owner;

/// <summary>
/// Sees to it that every slice is on W of the new members before the old ones may leave (PROTOCOL §2.7): those that are
/// live, and those that were written under the old membership and may still be referred to.
/// </summary>
/// <remarks>Driven by one loop; progress from any thread.</remarks>
internal sealed class SliceEvacuation(
    VolumePeers peers, SliceClient slices, OwedSlices owed, VolumeWork work, TimeProvider time)
{
    private static readonly TimeSpan RateWindow = TimeSpan.FromSeconds(2);

    private readonly Dictionary<NodePeer, long> _comparedBefore = [];
    private SliceId _last;
    private bool _isOwed;
    private volatile bool _isDone;
    private long _rateAt = time.GetTimestamp();
    private long _rateBytes;
    private double _bytesPerSecond;

    public bool IsDone => _isDone;

    public string Reason { get; private set; } = "";

    public long BytesLeft => Joining().Sum(owed.BytesOf);

    public double BytesPerSecond => Volatile.Read(ref _bytesPerSecond);

    /// <summary>From now on slices are written under both memberships.</summary>
    /// <param name="written">Slices of this epoch were written under the old one alone.</param>
    public void Begin(bool written)
    {
        _last = written ? slices.LastId : default;
        _isOwed = false;
        _isDone = false;
        _comparedBefore.Clear();
    }

    public void End()
    {
        _isDone = false;
        Reason = "";
    }

    /// <summary>Looks how far it is, and starts what has to be started.</summary>
    public void Continue()
    {
        MeasureRate();
        if (!_isOwed)
        {
            Reason = "slices are being written under the old membership";
            if (slices.Written.AreWriting(_last)) return;

            Owe();
        }

        // Enough nodes that lack nothing of what there was: what came later was written to enough of them at once.
        _isDone = peers.Placement.IsOnNewMembers(IsLevel);
        Reason = _isDone ? "" : string.Join(", ", Joining().Where(peer => !IsLevel(peer.Node)).Select(Describe));
    }

    // What may still be referred to first: a slice that is live by now is found by the comparison that follows.
    private void Owe()
    {
        foreach (var peer in Joining())
        {
            foreach (var slice in slices.Written.UpTo(_last)) owed.Add(peer, slice);
            _comparedBefore[peer] = work.Heal.ComparisonsOf(peer).Begun;
            work.Heal.Compare(peer);
        }

        _isOwed = true;
    }

    private bool IsLevel(string node)
    {
        if (peers.Find(node) is not { } peer || !_comparedBefore.TryGetValue(peer, out var before)) return false;
        return work.Heal.ComparisonsOf(peer).Ended > before && !owed.OwesUpTo(peer, Bound);
    }

    // Slices of earlier epochs, and those of this one that were written under the old membership.
    private SliceId Bound => _last.Epoch != 0 ? _last : slices.LastId with { Sequence = 0 };

    private string Describe(NodePeer peer) => !peer.IsUp
        ? $"{peer.Node} does not answer"
        : $"{peer.Node} lacks {owed.CountOf(peer)} slices";

    private IEnumerable<NodePeer> Joining()
    {
        var record = peers.Record;
        if (record.NewMembers is not { } members) return [];
        return peers.Data.Where(peer => members.Any(member => member.NodeId == peer.Node));
    }

    private void MeasureRate()
    {
        var elapsed = time.GetElapsedTime(_rateAt);
        if (elapsed < RateWindow) return;
        var bytes = work.Heal.HealedBytes;
        Volatile.Write(ref _bytesPerSecond, (bytes - _rateBytes) / elapsed.TotalSeconds);
        (_rateAt, _rateBytes) = (time.GetTimestamp(), bytes);
    }
}
