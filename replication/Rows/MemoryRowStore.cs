namespace Gateway.Replication.Rows;

/// <summary>
/// Rows in memory: the model for tests and simulation, and the engine of small volumes. Snapshots share structure
/// with the store and cost one allocation.
/// </summary>
public sealed class MemoryRowStore : IRowStore
{
    private readonly RowTree _tree = new();
    private readonly SnapshotCount _snapshots = new();
    private RowTreeState _published = new(default, default);

    public AppliedPosition Applied { get; private set; }

    public long Count => _tree.Count;

    public ulong SetHash => _tree.SetHash;

    /// <summary>Snapshots that are open now; a test that ends with some has found a leak.</summary>
    public int OpenSnapshots => _snapshots.Open;

    public IRowSnapshot OpenSnapshot() => new MemorySnapshot(_snapshots, Volatile.Read(ref _published));

    public void Stage(RowBatchReader batch, in AppliedPosition position)
    {
        while (batch.MoveNext())
        {
            if (batch.Change == RowChange.Put) _tree.Put(batch.Key, batch.Value);
            else _tree.Delete(batch.Key);
        }

        Applied = position;
    }

    public void Publish() => Volatile.Write(ref _published, new RowTreeState(_tree.Freeze(), Applied));

    public void Clear()
    {
        _tree.Restore(default);
        Applied = default;
        Publish();
    }

    public void Dispose()
    {
    }
}
