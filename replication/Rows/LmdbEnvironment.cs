namespace Gateway.Replication.Rows;

/// <summary>One open LMDB environment with its single table and its pool of read transactions.</summary>
/// <remarks>
/// Threading: readers enter and leave from any thread; everything else belongs to the writer. The map grows only
/// when no reader is inside, as LMDB demands.
/// </remarks>
internal sealed class LmdbEnvironment : IDisposable
{
    private const long PageBytes = 4096;

    private readonly object _gate = new();
    private readonly Stack<LmdbReader> _idle = new();
    private readonly nint _handle;
    private readonly LmdbSpace _space = null!;
    private long _mapBytes;
    private int _inside;
    private bool _growing;
    private bool _disposed;

    public LmdbEnvironment(string directory, LmdbOptions options)
    {
        Lmdb.Check(Lmdb.CreateEnvironment(out _handle), "env_create");
        try
        {
            _mapBytes = Math.Max(options.MapBytes, FileBytes(directory) * 2);
            Lmdb.Check(Lmdb.SetMapSize(_handle, (nuint)_mapBytes), "env_set_mapsize");
            Lmdb.Check(Lmdb.SetReadersMax(_handle, RowLimits.SnapshotsMax + 16), "env_set_maxreaders");
            var flags = Lmdb.NoSync | Lmdb.NoThreadLocal | Lmdb.NoMemoryInit | (options.WriteMap ? Lmdb.WriteMap : 0);
            Lmdb.Check(Lmdb.OpenEnvironment(_handle, directory, flags, 0x1A0), "env_open");
            Lmdb.Check(Lmdb.Begin(_handle, 0, 0, out var transaction), "txn_begin");
            var opened = Lmdb.OpenTable(transaction, 0, 0, out var table);
            if (opened != 0) Lmdb.Abort(transaction);
            Lmdb.Check(opened, "dbi_open");
            Lmdb.Check(Lmdb.Commit(transaction), "txn_commit");
            Table = table;
            _space = new LmdbSpace(Path.Join(directory, LmdbRowStore.FileName));
            _space.Ensure(UsedBytes);
        }
        catch
        {
            _space?.Dispose();
            Lmdb.CloseEnvironment(_handle);
            throw;
        }
    }

    public uint Table { get; }

    /// <summary>Bytes of the file in use, free pages inside it included.</summary>
    public long UsedBytes
    {
        get
        {
            Lmdb.Check(Lmdb.GetUse(_handle, out var use), "env_info");
            return ((long)use.LastPage + 1) * PageBytes;
        }
    }

    public LmdbReader Enter()
    {
        LmdbReader? reader;
        lock (_gate)
        {
            ObjectDisposedException.ThrowIf(_disposed, this);
            while (_growing) Monitor.Wait(_gate);
            if (_inside >= RowLimits.SnapshotsMax)
                throw new InvalidOperationException($"{RowLimits.SnapshotsMax} row snapshots are open.");
            _inside++;
            _idle.TryPop(out reader);
        }

        try
        {
            if (reader is null)
            {
                Lmdb.Check(Lmdb.Begin(_handle, 0, Lmdb.ReadOnly, out var transaction), "txn_begin");
                return new LmdbReader(transaction, Table);
            }

            Lmdb.Check(Lmdb.Renew(reader.Transaction), "txn_renew");
            return reader;
        }
        catch
        {
            lock (_gate) _inside--;
            throw;
        }
    }

    public void Leave(LmdbReader reader)
    {
        Lmdb.Reset(reader.Transaction);
        lock (_gate)
        {
            _inside--;
            _idle.Push(reader);
            if (_inside == 0 && (_growing || _disposed)) Monitor.PulseAll(_gate);
        }
    }

    public nint BeginWrite()
    {
        EnsureRoom();
        Lmdb.Check(Lmdb.Begin(_handle, 0, 0, out var transaction), "txn_begin");
        return transaction;
    }

    /// <summary>Before a transaction changes so much: disk space for the pages it may take.</summary>
    public void EnsureSpace(long usedBytes, long changedBytes) => _space.Ensure(usedBytes + changedBytes);

    public void Sync() => Lmdb.Check(Lmdb.Sync(_handle, 1), "env_sync");

    public void Dispose()
    {
        lock (_gate)
        {
            if (_disposed) return;
            _disposed = true;
            while (_inside > 0) Monitor.Wait(_gate);
            CloseIdle();
        }

        _space.Dispose();
        Lmdb.CloseEnvironment(_handle);
    }

    private static long FileBytes(string directory)
    {
        var file = new FileInfo(Path.Join(directory, LmdbRowStore.FileName));
        return file.Exists ? file.Length : 0;
    }

    // Grows when it is convenient past three quarters, and waits for the readers past seven eighths.
    private void EnsureRoom()
    {
        var used = UsedBytes;
        if (used <= _mapBytes / 4 * 3) return;
        lock (_gate)
        {
            if (_inside > 0 && used <= _mapBytes / 8 * 7) return;
            _growing = true;
            while (_inside > 0) Monitor.Wait(_gate);
            CloseIdle();
            _mapBytes *= 2;
            var result = Lmdb.SetMapSize(_handle, (nuint)_mapBytes);
            _growing = false;
            Monitor.PulseAll(_gate);
            Lmdb.Check(result, "env_set_mapsize");
        }
    }

    private void CloseIdle()
    {
        while (_idle.TryPop(out var reader)) reader.Close();
    }
}

/// <summary>A read transaction and its idle cursors, reused by one snapshot after another.</summary>
internal sealed class LmdbReader(nint transaction, uint table)
{
    private readonly Stack<nint> _cursors = new();

    public nint Transaction { get; } = transaction;

    public uint Table { get; } = table;

    public nint OpenCursor()
    {
        if (_cursors.TryPop(out var cursor))
        {
            Lmdb.Check(Lmdb.RenewCursor(Transaction, cursor), "cursor_renew");
            return cursor;
        }

        Lmdb.Check(Lmdb.OpenCursor(Transaction, Table, out cursor), "cursor_open");
        return cursor;
    }

    public void CloseCursor(nint cursor) => _cursors.Push(cursor);

    public void Close()
    {
        while (_cursors.TryPop(out var cursor)) Lmdb.CloseCursor(cursor);
        Lmdb.Abort(Transaction);
    }
}
