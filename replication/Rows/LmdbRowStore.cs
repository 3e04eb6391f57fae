using Gateway.Replication.Disks;

namespace Gateway.Replication.Rows;

/// <summary>
/// Rows in an LMDB file that is never synced while in use: a cache of the journal. What it lost in a crash of the
/// machine, or cannot be trusted with for another reason, is discarded when it is opened, and the rows are rebuilt
/// from checkpoint and journal (PROTOCOL §4.1).
/// </summary>
/// <remarks>
/// Memory is the page cache's. The writer holds no snapshot of its own while it stages, or a growing map would wait for
/// it. Staged batches should be published every few MiB.
/// </remarks>
public sealed unsafe class LmdbRowStore : IRowStore
{
    internal const string FileName = "data.mdb";

    /// <summary>Branch pages and the list of free pages of a transaction, with much to spare.</summary>
    private const long RoomBytes = 4 << 20;

    private readonly string _directory;
    private readonly DirectoryLock _lock;
    private readonly LmdbEnvironment _environment;
    private readonly LmdbResidence _residence;
    private nint _transaction;
    private nint _cursor;
    private long _usedBytes;
    private long _changedBytes;
    private long _count;
    private ulong _setHash;
    private bool _broken;
    private bool _disposed;

    private LmdbRowStore(
        string directory, DirectoryLock directoryLock, LmdbEnvironment environment, LmdbOptions options)
    {
        _directory = directory;
        _lock = directoryLock;
        _environment = environment;
        _residence = new LmdbResidence(environment, options.ResidentFileBytesMax, options.Time);
    }

    public AppliedPosition Applied { get; private set; }

    public long Count => _count;

    public ulong SetHash => _setHash;

    /// <summary>Bytes of the file in use, free pages inside it included.</summary>
    public long UsedBytes => _environment.UsedBytes;

    /// <summary>Opens or creates the rows in a directory of their own.</summary>
    /// <exception cref="IOException">Another process has them open.</exception>
    public static LmdbRowStore Open(string directory, LmdbOptions? options = null)
    {
        options ??= new LmdbOptions();
        Directory.CreateDirectory(directory);
        var directoryLock = DirectoryLock.TryTake(directory)
            ?? throw new IOException($"The row store {directory} is in use by another process.");
        try
        {
            // Nobody else is here, so readers of an earlier process are gone and their table with them.
            File.Delete(Path.Join(directory, "lock.mdb"));
            if (!LmdbMark.Trusts(directory, options.BootId)) File.Delete(Path.Join(directory, FileName));
            LmdbMark.WriteOpen(directory, options.BootId);
            return OpenFile(directory, options, directoryLock);
        }
        catch
        {
            directoryLock.Dispose();
            throw;
        }
    }

    public IRowSnapshot OpenSnapshot() => new LmdbSnapshot(_environment, _environment.Enter());

    public void Stage(RowBatchReader batch, in AppliedPosition position)
    {
        try
        {
            BeginWrite();
            while (batch.MoveNext())
            {
                EnsureSpace(batch.Value.Length);
                if (batch.Change == RowChange.Put) Put(batch.Key, batch.Value);
                else Delete(batch.Key);
            }
        }
        catch (Exception failure)
        {
            Break(failure);
            throw;
        }

        Applied = position;
    }

    public void Publish()
    {
        if (_transaction == 0) return;
        try
        {
            Lmdb.CloseCursor(_cursor);
            _cursor = 0;
            new LmdbMeta(Applied, _count, _setHash).Write(_transaction, _environment.Table);
            var transaction = _transaction;
            _transaction = 0;
            Lmdb.Check(Lmdb.Commit(transaction), "txn_commit");
        }
        catch (Exception failure)
        {
            Break(failure);
            throw;
        }
    }

    public void Clear()
    {
        AbortWrite();
        BeginWrite();
        _environment.EnsureSpace(_usedBytes, RoomBytes);
        Lmdb.CloseCursor(_cursor);
        Lmdb.Check(Lmdb.Drop(_transaction, _environment.Table, 0), "drop");
        Lmdb.Check(Lmdb.OpenCursor(_transaction, _environment.Table, out _cursor), "cursor_open");
        Applied = default;
        _count = 0;
        _setHash = 0;
        Publish();
    }

    /// <summary>
    /// Unmaps all resident pages of the rows; they stay in the page cache and come back when they are used.
    /// </summary>
    public void ReleaseResident() => LmdbResidence.Release(_environment);

    /// <summary>Waits for open snapshots, syncs and closes; what was staged and not published is lost.</summary>
    public void Dispose()
    {
        if (_disposed) return;
        _disposed = true;
        _residence.Dispose();
        AbortWrite();
        if (!_broken) _environment.Sync();
        _environment.Dispose();
        if (!_broken) LmdbMark.WriteClean(_directory);
        _lock.Dispose();
    }

    private static LmdbRowStore OpenFile(string directory, LmdbOptions options, DirectoryLock directoryLock)
    {
        LmdbEnvironment? environment = null;
        try
        {
            environment = new LmdbEnvironment(directory, options);
            var store = new LmdbRowStore(directory, directoryLock, environment, options);
            if (store.TryLoad()) return store;
            store._residence.Dispose();
            environment.Dispose();
        }
        catch (LmdbException)
        {
            environment?.Dispose();
        }

        // Not a file we can read: a cache, so it goes. A second failure is not about its contents.
        File.Delete(Path.Join(directory, FileName));
        environment = new LmdbEnvironment(directory, options);
        return new LmdbRowStore(directory, directoryLock, environment, options);
    }

    private bool TryLoad()
    {
        var reader = _environment.Enter();
        var readable = LmdbMeta.TryRead(reader.Transaction, reader.Table, out var meta);
        _environment.Leave(reader);

        // Rows without a position are a rebuild that did not end.
        if (!readable || (meta.Position.Index == 0 && meta.Count > 0)) return false;
        Applied = meta.Position;
        _count = meta.Count;
        _setHash = meta.SetHash;
        return true;
    }

    private void BeginWrite()
    {
        ObjectDisposedException.ThrowIf(_disposed || _broken, this);
        if (_transaction != 0) return;
        _transaction = _environment.BeginWrite();
        _usedBytes = _environment.UsedBytes;
        _changedBytes = 0;
        Lmdb.Check(Lmdb.OpenCursor(_transaction, _environment.Table, out _cursor), "cursor_open");
    }

    // A change copies its leaf page and may split it; a large value has pages of its own.
    private void EnsureSpace(int valueBytes)
    {
        const int pagesBytes = 2 * 4096;
        _changedBytes += pagesBytes + valueBytes;
        _environment.EnsureSpace(_usedBytes, _changedBytes + RoomBytes);
    }

    private void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        fixed (byte* keyData = key, valueData = value)
        {
            var wanted = new Lmdb.Bytes(keyData, key.Length);
            var exists = Find(wanted, out var old);
            if (exists) _setHash = unchecked(_setHash - RowHash.Of(key, old.Span));
            else _count++;
            _setHash = unchecked(_setHash + RowHash.Of(key, value));
            var put = new Lmdb.Bytes(valueData, value.Length);
            Lmdb.Check(Lmdb.PutAtCursor(_cursor, &wanted, &put, exists ? Lmdb.PutCurrent : 0), "cursor_put");
        }
    }

    private void Delete(ReadOnlySpan<byte> key)
    {
        fixed (byte* keyData = key)
        {
            if (!Find(new Lmdb.Bytes(keyData, key.Length), out var old)) return;
            _setHash = unchecked(_setHash - RowHash.Of(key, old.Span));
            _count--;
            Lmdb.Check(Lmdb.DeleteAtCursor(_cursor, 0), "cursor_del");
        }
    }

    private bool Find(Lmdb.Bytes key, out Lmdb.Bytes value)
    {
        fixed (Lmdb.Bytes* found = &value)
        {
            var result = Lmdb.MoveCursor(_cursor, &key, found, Lmdb.CursorMove.SetKey);
            if (result != Lmdb.NotFound) Lmdb.Check(result, "cursor_get");
            return result == 0;
        }
    }

    private void AbortWrite()
    {
        if (_cursor != 0) Lmdb.CloseCursor(_cursor);
        if (_transaction != 0) Lmdb.Abort(_transaction);
        _cursor = 0;
        _transaction = 0;
    }

    // What was staged is gone, so the counts no longer belong to the file. A full disk leaves the file as the last
    // transaction left it; after any other failure the next opening begins anew.
    private void Break(Exception failure)
    {
        AbortWrite();
        if (_broken) return;
        _broken = true;
        var full = failure is DiskException { Fault: DiskFault.Full } or LmdbException { IsFull: true };
        if (!full) LmdbMark.WriteBroken(_directory);
    }
}
