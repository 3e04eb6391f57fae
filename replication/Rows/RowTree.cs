namespace Gateway.Replication.Rows;

/// <summary>
/// A persistent ordered map of rows: a treap whose priorities come from the key, so that equal contents have equal
/// shapes. An edit copies only nodes it does not own; a root that was handed out never changes.
/// </summary>
/// <remarks>Not thread-safe to edit. Any number of threads may read a root.</remarks>
internal sealed class RowTree
{
    private object _edit = new();

    public Node? Root { get; private set; }

    public long Count { get; private set; }

    public ulong SetHash { get; private set; }

    /// <summary>Freezes the present contents: later changes copy.</summary>
    public Version Freeze()
    {
        _edit = new object();
        return new Version(Root, Count, SetHash);
    }

    /// <summary>Goes back to a frozen state.</summary>
    public void Restore(Version version)
    {
        _edit = new object();
        Root = version.Root;
        Count = version.Count;
        SetHash = version.SetHash;
    }

    public void Put(ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        Root = Insert(Root, key, value);
        SetHash = unchecked(SetHash + RowHash.Of(key, value));
    }

    public void Delete(ReadOnlySpan<byte> key) => Root = Remove(Root, key);

    public static Node? Find(Node? node, ReadOnlySpan<byte> key)
    {
        while (node is not null)
        {
            var order = key.SequenceCompareTo(node.Key);
            if (order == 0) return node;
            node = order < 0 ? node.Left : node.Right;
        }

        return null;
    }

    private Node Insert(Node? node, ReadOnlySpan<byte> key, ReadOnlySpan<byte> value)
    {
        if (node is null)
        {
            Count++;
            return new Node(_edit, key.ToArray(), value.ToArray(), RowHash.OfKey(key));
        }

        var order = key.SequenceCompareTo(node.Key);
        node = node.OwnedBy(_edit);
        if (order == 0)
        {
            SetHash = unchecked(SetHash - RowHash.Of(key, node.Value));
            node.Value = value.ToArray();
            return node;
        }

        if (order < 0)
        {
            node.Left = Insert(node.Left, key, value);
            return node.Left.Priority > node.Priority ? RotateRight(node) : node;
        }

        node.Right = Insert(node.Right, key, value);
        return node.Right.Priority > node.Priority ? RotateLeft(node) : node;
    }

    private Node? Remove(Node? node, ReadOnlySpan<byte> key)
    {
        if (node is null) return null;
        var order = key.SequenceCompareTo(node.Key);
        if (order == 0)
        {
            Count--;
            SetHash = unchecked(SetHash - RowHash.Of(key, node.Value));
            return Merge(node.Left, node.Right);
        }

        var below = order < 0 ? node.Left : node.Right;
        var changed = Remove(below, key);
        if (ReferenceEquals(changed, below)) return node;
        node = node.OwnedBy(_edit);
        if (order < 0) node.Left = changed;
        else node.Right = changed;
        return node;
    }

    private Node? Merge(Node? left, Node? right)
    {
        if (left is null) return right;
        if (right is null) return left;
        if (left.Priority > right.Priority)
        {
            left = left.OwnedBy(_edit);
            left.Right = Merge(left.Right, right);
            return left;
        }

        right = right.OwnedBy(_edit);
        right.Left = Merge(left, right.Left);
        return right;
    }

    // Both children on the rotated path were just inserted into, so this edit owns them.
    private static Node RotateRight(Node node)
    {
        var top = node.Left!;
        node.Left = top.Right;
        top.Right = node;
        return top;
    }

    private static Node RotateLeft(Node node)
    {
        var top = node.Right!;
        node.Right = top.Left;
        top.Left = node;
        return top;
    }

    /// <summary>A frozen state of the tree.</summary>
    internal readonly record struct Version(Node? Root, long Count, ulong SetHash);

    internal sealed class Node(object owner, byte[] key, byte[] value, ulong priority)
    {
        public readonly byte[] Key = key;
        public readonly ulong Priority = priority;
        public byte[] Value = value;
        public Node? Left;
        public Node? Right;

        public Node OwnedBy(object edit) =>
            owner == edit ? this : new Node(edit, Key, Value, Priority) { Left = Left, Right = Right };
    }
}
