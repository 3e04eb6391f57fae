namespace Gateway.Replication.Rows;

/// <summary>
/// Walks a <see cref="RowTree"/>. When the tree it reads has changed since the last move, it finds its place again by
/// key.
/// </summary>
internal sealed class RowTreeCursor(Func<RowTree.Node?> currentRoot) : IRowCursor
{
    private readonly Stack<RowTree.Node> _path = new();
    private RowTree.Node? _root;
    private RowTree.Node? _at;
    private byte[]? _key;
    private byte[]? _value;
    private bool _positioned;

    public ReadOnlySpan<byte> Key => _key ?? throw new InvalidOperationException("The cursor stands on no row.");

    public ReadOnlySpan<byte> Value => _value ?? throw new InvalidOperationException("The cursor stands on no row.");

    public bool Seek(ReadOnlySpan<byte> key)
    {
        _positioned = true;
        _path.Clear();
        _root = currentRoot();
        for (var node = _root; node is not null;)
        {
            if (node.Key.AsSpan().SequenceCompareTo(key) >= 0)
            {
                _path.Push(node);
                node = node.Left;
            }
            else
            {
                node = node.Right;
            }
        }

        return Settle();
    }

    public bool MoveNext()
    {
        if (_key is null) return !_positioned && Seek(default);

        // An edit may change nodes it owns in place, so an equal root says nothing inside one: the path is only
        // trusted by cursors over frozen roots, which never change.
        if (!ReferenceEquals(_root, currentRoot()) || _at is null) return SeekBehind(_key);

        _path.Pop();
        for (var node = _at.Right; node is not null; node = node.Left) _path.Push(node);
        return Settle();
    }

    public void Dispose()
    {
    }

    /// <summary>Called by the owner of an edited tree after each change.</summary>
    public void Forget() => _at = null;

    private bool SeekBehind(byte[] key)
    {
        if (!Seek(key)) return false;
        return !_key.AsSpan().SequenceEqual(key) || MoveNext();
    }

    private bool Settle()
    {
        var found = _path.TryPeek(out _at);
        _key = _at?.Key;
        _value = _at?.Value;
        return found;
    }
}
