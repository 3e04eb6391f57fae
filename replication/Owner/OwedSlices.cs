using Gateway.Replication.Slices;

namespace Gateway.Replication.Owner;

/// <summary>What one node lacks of a slice.</summary>
/// <param name="Damaged">The node has a copy that does not match: it is replaced, and stays until then.</param>
internal readonly record struct OwedSlice(SliceRef Slice, bool Damaged);

/// <summary>A change of the ledger that is to be written to the rows.</summary>
internal readonly record struct OwedChange(string Node, SliceId Slice, bool Owed);

/// <summary>
/// The ledger of copies that nodes lack: what heal has to do. Kept in memory, and recorded as rows a moment later; what
/// a crash of the owner loses of it is found again by comparing inventories.
/// </summary>
/// <remarks>
/// Any thread. Bounded per node: beyond that the node is marked, and its inventory compared once the known part is
/// healed.
/// </remarks>
internal sealed class OwedSlices(IReadOnlyList<NodePeer> peers)
{
    public const int PerNodeMax = 200_000;

    private const int UnrecordedMax = 400_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<SliceId, OwedSlice>[] _owed =
        [.. peers.Select(_ => new Dictionary<SliceId, OwedSlice>())];
    private readonly bool[] _overflowed = new bool[peers.Count];
    private readonly Queue<OwedChange> _unrecorded = new();

    /// <summary>Told to which node something was added. Must not block.</summary>
    public Action<NodePeer>? Added { get; set; }

    public void Add(NodePeer peer, SliceRef slice, bool damaged = false, bool recorded = false)
    {
        lock (_gate)
        {
            var owed = _owed[peer.Slot];
            if (owed.Count >= PerNodeMax && !owed.ContainsKey(slice.Id))
            {
                _overflowed[peer.Slot] = true;
                return;
            }

            var known = owed.TryGetValue(slice.Id, out var before);
            owed[slice.Id] = new OwedSlice(slice, damaged || before.Damaged);
            if (!known && !recorded) Record(new OwedChange(peer.Node, slice.Id, true));
        }

        Added?.Invoke(peer);
    }

    public bool Remove(NodePeer peer, SliceId slice)
    {
        lock (_gate)
        {
            if (!_owed[peer.Slot].Remove(slice)) return false;
            Record(new OwedChange(peer.Node, slice, false));
            return true;
        }
    }

    /// <summary>The slices are freed: nobody is owed them any more.</summary>
    public void Forget(ReadOnlySpan<SliceId> slices)
    {
        foreach (var slice in slices)
        {
            foreach (var peer in peers) Remove(peer, slice);
        }
    }

    public bool Owes(NodePeer peer, SliceId slice)
    {
        lock (_gate) return _owed[peer.Slot].Count != 0 && _owed[peer.Slot].ContainsKey(slice);
    }

    public int CountOf(NodePeer peer)
    {
        lock (_gate) return _owed[peer.Slot].Count;
    }

    /// <summary>Some of what a node lacks, behind the first <paramref name="skipped"/>, which wraps around.</summary>
    public List<OwedSlice> Peek(NodePeer peer, int countMax, int skipped)
    {
        lock (_gate)
        {
            var owed = _owed[peer.Slot];
            return owed.Count == 0 ? [] : [.. owed.Values.Skip(skipped % owed.Count).Take(countMax)];
        }
    }

    /// <summary>True once when the ledger of the node was too long to keep.</summary>
    public bool TakeOverflow(NodePeer peer)
    {
        lock (_gate)
        {
            var overflowed = _overflowed[peer.Slot];
            _overflowed[peer.Slot] = false;
            return overflowed;
        }
    }

    /// <summary>Changes to write to the rows, in the order they happened.</summary>
    public List<OwedChange> TakeUnrecorded(int countMax)
    {
        lock (_gate)
        {
            var changes = new List<OwedChange>();
            while (changes.Count < countMax && _unrecorded.TryDequeue(out var change)) changes.Add(change);
            return changes;
        }
    }

    // A row that is missing or left over only costs a look: heal checks every slice against the live ones.
    private void Record(OwedChange change)
    {
        if (_unrecorded.Count < UnrecordedMax) _unrecorded.Enqueue(change);
    }
}
