using Gateway.Replication.Rows;

namespace Gateway.Replication.Store;

/// <summary>
/// A row that was changed and is not committed yet. Its bytes lie in the payload of the batch that changed it last.
/// </summary>
internal sealed class OverlayRow
{
    public TransactionBatch? Batch;
    public RowPlace Place;
    public ulong Hash;
    public OverlayRow? Next;

    public bool IsDeleted => Place.ValueLength == RowPlace.Deleted;

    public ReadOnlySpan<byte> Key => Batch!.Slice(Place.KeyOffset, Place.KeyLength);

    public ReadOnlySpan<byte> Value => Batch!.Slice(Place.KeyOffset + Place.KeyLength, Place.ValueLength);
}

/// <summary>
/// The changes that mutations see and readers do not: found by key in constant time, walked in key order. Sequencer
/// only.
/// </summary>
internal sealed class Overlay
{
    private readonly Stack<OverlayRow> _free = new();
    private OverlayRow?[] _buckets = new OverlayRow?[1024];

    public OverlayOrder Order { get; } = new();

    public int Count { get; private set; }

    public OverlayRow? Find(ReadOnlySpan<byte> key) => Count == 0 ? null : Find(key, RowHash.OfKey(key));

    /// <summary>The batch holds the newest change of the row at the place.</summary>
    public void Set(TransactionBatch batch, in RowPlace place)
    {
        var key = batch.Slice(place.KeyOffset, place.KeyLength);
        var hash = RowHash.OfKey(key);
        var row = Find(key, hash);
        if (row is null)
        {
            row = _free.TryPop(out var free) ? free : new OverlayRow();
            row.Batch = batch;
            row.Place = place;
            Link(row, hash);
            Order.Insert(row);
            batch.Rows.Add(row);
            return;
        }

        if (row.Batch != batch) batch.Rows.Add(row);
        row.Batch = batch;
        row.Place = place;
    }

    /// <summary>The batch is applied: forgets the rows that no later batch changed again.</summary>
    public void Remove(TransactionBatch batch)
    {
        foreach (var row in batch.Rows)
        {
            if (row.Batch != batch) continue;
            Order.Remove(row);
            Unlink(row);
            Recycle(row);
        }
    }

    /// <summary>The batch is applied and no other change is left.</summary>
    public void Clear(TransactionBatch last)
    {
        foreach (var row in last.Rows)
        {
            if (row.Batch != last) continue;
            Unlink(row);
            Recycle(row);
        }

        Invariant.Holds(Count == 0, "The overlay is empty when nothing is under way.");
        Order.Clear();
    }

    private OverlayRow? Find(ReadOnlySpan<byte> key, ulong hash)
    {
        for (var row = Bucket(hash); row is not null; row = row.Next)
        {
            if (row.Hash == hash && row.Key.SequenceEqual(key)) return row;
        }

        return null;
    }

    private ref OverlayRow? Bucket(ulong hash) => ref _buckets[hash & (ulong)(_buckets.Length - 1)];

    private void Link(OverlayRow row, ulong hash)
    {
        if (Count >= _buckets.Length) Rehash();
        row.Hash = hash;
        ref var bucket = ref Bucket(hash);
        row.Next = bucket;
        bucket = row;
        Count++;
    }

    private void Unlink(OverlayRow row)
    {
        ref var at = ref Bucket(row.Hash);
        while (at != row) at = ref at!.Next;
        at = row.Next;
        Count--;
    }

    private void Recycle(OverlayRow row)
    {
        const int freeMax = 65536;
        row.Batch = null;
        row.Next = null;
        if (_free.Count < freeMax) _free.Push(row);
    }

    private void Rehash()
    {
        var old = _buckets;
        _buckets = new OverlayRow?[old.Length * 2];
        foreach (var head in old)
        {
            for (var row = head; row is not null;)
            {
                var next = row.Next;
                ref var bucket = ref Bucket(row.Hash);
                row.Next = bucket;
                bucket = row;
                row = next;
            }
        }
    }
}
