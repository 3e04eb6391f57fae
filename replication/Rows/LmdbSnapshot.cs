namespace Gateway.Replication.Rows;

/// <summary>A read transaction as a view of the rows.</summary>
internal sealed class LmdbSnapshot(LmdbEnvironment environment, LmdbReader reader) : IRowSnapshot
{
    private List<LmdbCursor>? _cursors;
    private LmdbReader? _reader = reader;
    private LmdbMeta? _meta;

    public AppliedPosition Position => Meta.Position;

    public long Count => Meta.Count;

    public ulong SetHash => Meta.SetHash;

    private LmdbReader Reader => _reader ?? throw new ObjectDisposedException(nameof(LmdbSnapshot));

    private LmdbMeta Meta
    {
        get
        {
            if (_meta is { } known) return known;
            if (!LmdbMeta.TryRead(Reader.Transaction, Reader.Table, out var meta))
                throw new InvalidDataException("The row store's position is not readable.");
            _meta = meta;
            return meta;
        }
    }

    public unsafe bool TryGet(ReadOnlySpan<byte> key, out ReadOnlySpan<byte> value)
    {
        value = default;
        if (key.IsEmpty || key.Length > RowLimits.KeyBytesMax) return false;
        fixed (byte* data = key)
        {
            var wanted = new Lmdb.Bytes(data, key.Length);
            Lmdb.Bytes found;
            var result = Lmdb.Get(Reader.Transaction, Reader.Table, &wanted, &found);
            if (result == Lmdb.NotFound) return false;
            Lmdb.Check(result, "get");
            value = found.Span;
            return true;
        }
    }

    public IRowCursor OpenCursor()
    {
        var cursor = new LmdbCursor(this, Reader.OpenCursor());
        _cursors ??= new List<LmdbCursor>(2);
        _cursors.Add(cursor);
        return cursor;
    }

    public void Dispose()
    {
        if (_reader is not { } reader) return;
        for (var i = (_cursors?.Count ?? 0) - 1; i >= 0; i--) _cursors![i].Dispose();
        _reader = null;
        environment.Leave(reader);
    }

    public void Close(LmdbCursor cursor, nint handle)
    {
        _cursors!.Remove(cursor);
        Reader.CloseCursor(handle);
    }
}

/// <summary>A cursor of a snapshot; closed with it at the latest.</summary>
internal sealed unsafe class LmdbCursor(LmdbSnapshot snapshot, nint handle) : IRowCursor
{
    private nint _handle = handle;
    private Lmdb.Bytes _key;
    private Lmdb.Bytes _value;
    private bool _ended;

    public ReadOnlySpan<byte> Key => _key.Data == null ? throw NoRow() : _key.Span;

    public ReadOnlySpan<byte> Value => _key.Data == null ? throw NoRow() : _value.Span;

    public bool Seek(ReadOnlySpan<byte> key)
    {
        if (key.IsEmpty) return Move(default, Lmdb.CursorMove.First);
        fixed (byte* data = key) return Move(new Lmdb.Bytes(data, key.Length), Lmdb.CursorMove.SetRange);
    }

    public bool MoveNext() => !_ended && Move(default, Lmdb.CursorMove.Next);

    public void Dispose()
    {
        if (_handle == 0) return;
        snapshot.Close(this, _handle);
        _handle = 0;
        _key = default;
    }

    private static InvalidOperationException NoRow() => new("The cursor stands on no row.");

    private bool Move(Lmdb.Bytes key, Lmdb.CursorMove move)
    {
        ObjectDisposedException.ThrowIf(_handle == 0, this);
        Lmdb.Bytes value;
        var result = Lmdb.MoveCursor(_handle, &key, &value, move);

        // The position of the store sorts behind all rows: it is the end.
        _ended = result == Lmdb.NotFound || (result == 0 && key.Length > RowLimits.KeyBytesMax);
        if (!_ended) Lmdb.Check(result, "cursor_get");
        _key = _ended ? default : key;
        _value = value;
        return !_ended;
    }
}
