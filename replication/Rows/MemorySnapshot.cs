namespace Gateway.Replication.Rows;

/// <summary>A frozen <see cref="RowTree"/> and its position.</summary>
internal sealed record RowTreeState(RowTree.Version Rows, AppliedPosition Position);

/// <summary>Counts open snapshots.</summary>
internal sealed class SnapshotCount
{
    private int _open;

    public int Open => Volatile.Read(ref _open);

    public void Enter()
    {
        if (Interlocked.Increment(ref _open) <= RowLimits.SnapshotsMax) return;
        Interlocked.Decrement(ref _open);
        throw new InvalidOperationException($"{RowLimits.SnapshotsMax} row snapshots are open.");
    }

    public void Leave() => Interlocked.Decrement(ref _open);
}

/// <summary>A view of a frozen tree.</summary>
internal sealed class MemorySnapshot : IRowSnapshot
{
    private readonly SnapshotCount _open;
    private readonly RowTreeState _state;
    private bool _disposed;

    public MemorySnapshot(SnapshotCount open, RowTreeState state)
    {
        open.Enter();
        _open = open;
        _state = state;
    }

    public AppliedPosition Position => _state.Position;

    public long Count => _state.Rows.Count;

    public ulong SetHash => _state.Rows.SetHash;

    public bool TryGet(ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        var node = RowTree.Find(_state.Rows.Root, key);
        value = node is null ? default : node.Value;
        return node is not null;
    }

    public IRowCursor OpenCursor()
    {
        ObjectDisposedException.ThrowIf(_disposed, this);
        return new RowTreeCursor(() => _state.Rows.Root);
    }

    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _open.Leave();
    }
}
