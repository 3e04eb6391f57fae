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
internal sealed class OwedSlices
{
    public const int PerNodeMax = 200_000;

    private const int UnrecordedMax = 400_000;

    private readonly Lock _gate = new();
    private readonly Dictionary<NodePeer, Ledger> _ledgers = [];
    private readonly Queue<OwedChange> _unrecorded = new();

    /// <summary>Told to which node something was added. Must not block.</summary>
    public Action<NodePeer>? Added { get; set; }

    public void Add(NodePeer peer, SliceRef slice, bool damaged = false, bool recorded = false)
    {
        lock (_gate)
        {
            var ledger = LedgerOf(peer);
            var known = ledger.Owed.TryGetValue(slice.Id, out var before);
            if (ledger.Owed.Count >= PerNodeMax && !known)
            {
                ledger.Overflowed = true;
                return;
            }

            ledger.Owed[slice.Id] = new OwedSlice(slice, damaged || before.Damaged);
            if (!known) ledger.Bytes += slice.Length;
            if (!known && !recorded) Record(new OwedChange(peer.Node, slice.Id, true));
        }

        Added?.Invoke(peer);
    }

    public bool Remove(NodePeer peer, SliceId slice)
    {
        lock (_gate)
        {
            var ledger = LedgerOf(peer);
            if (!ledger.Owed.Remove(slice, out var owed)) return false;
            ledger.Bytes -= owed.Slice.Length;
            Record(new OwedChange(peer.Node, slice, false));
            return true;
        }
    }

    /// <summary>The slices are freed: nobody is owed them any more.</summary>
    public void Forget(ReadOnlySpan<SliceId> slices)
    {
        foreach (var slice in slices)
        {
            foreach (var peer in Debtors()) Remove(peer, slice);
        }
    }

    /// <summary>The node has left: nothing is owed to it any more.</summary>
    public void Forget(NodePeer peer)
    {
        foreach (var one in Peek(peer, int.MaxValue, 0)) Remove(peer, one.Slice.Id);
        lock (_gate) _ledgers.Remove(peer);
    }

    public bool Owes(NodePeer peer, SliceId slice)
    {
        lock (_gate) return _ledgers.TryGetValue(peer, out var ledger) && ledger.Owed.ContainsKey(slice);
    }

    public int CountOf(NodePeer peer)
    {
        lock (_gate) return _ledgers.TryGetValue(peer, out var ledger) ? ledger.Owed.Count : 0;
    }

    public long BytesOf(NodePeer peer)
    {
        lock (_gate) return _ledgers.TryGetValue(peer, out var ledger) ? ledger.Bytes : 0;
    }

    /// <summary>True when the node may lack a slice up to the given one.</summary>
    public bool OwesUpTo(NodePeer peer, SliceId last)
    {
        lock (_gate)
        {
            return _ledgers.TryGetValue(peer, out var ledger)
                && (ledger.Overflowed || ledger.Owed.Keys.Any(slice => slice <= last));
        }
    }

    /// <summary>Some of what a node lacks, behind the first <paramref name="skipped"/>, which wraps around.</summary>
    public List<OwedSlice> Peek(NodePeer peer, int countMax, int skipped)
    {
        lock (_gate)
        {
            var owed = LedgerOf(peer).Owed;
            return owed.Count == 0 ? [] : [.. owed.Values.Skip(skipped % owed.Count).Take(countMax)];
        }
    }

    /// <summary>True once when the ledger of the node was too long to keep.</summary>
    public bool TakeOverflow(NodePeer peer)
    {
        lock (_gate)
        {
            var ledger = LedgerOf(peer);
            var overflowed = ledger.Overflowed;
            ledger.Overflowed = false;
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

    private NodePeer[] Debtors()
    {
        lock (_gate) return [.. _ledgers.Keys];
    }

    private Ledger LedgerOf(NodePeer peer)
    {
        if (!_ledgers.TryGetValue(peer, out var ledger)) _ledgers[peer] = ledger = new Ledger();
        return ledger;
    }

    // A row that is missing or left over only costs a look: heal checks every slice against the live ones.
    private void Record(OwedChange change)
    {
        if (_unrecorded.Count < UnrecordedMax) _unrecorded.Enqueue(change);
    }

    private sealed class Ledger
    {
        public Dictionary<SliceId, OwedSlice> Owed { get; } = [];

        public long Bytes { get; set; }

        /// <summary>Too long to keep: the inventory is compared again.</summary>
        public bool Overflowed { get; set; }
    }
}
