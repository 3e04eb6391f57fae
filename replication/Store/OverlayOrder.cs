namespace Gateway.Replication.Store;

/// <summary>
/// Overlay rows in key order, in blocks: found by two binary searches, and an insertion moves at most one block. A few
/// thousand rows is the usual size.
/// </summary>
internal sealed class OverlayOrder
{
    private const int BlockMax = 64;

    private readonly List<Block> _blocks = [];

    /// <summary>Changes whenever positions do.</summary>
    public long Version { get; private set; }

    public void Insert(OverlayRow row)
    {
        Version++;
        if (_blocks.Count == 0) _blocks.Add(new Block());
        var key = row.Key;
        var at = FindBlock(key);
        var block = _blocks[at];
        if (block.Count == BlockMax)
        {
            var upper = block.Split();
            _blocks.Insert(at + 1, upper);
            if (upper.Rows[0].Key.SequenceCompareTo(key) < 0) block = upper;
        }

        block.Insert(block.LowerBound(key), row);
    }

    public void Remove(OverlayRow row)
    {
        Version++;
        var key = row.Key;
        var at = FindBlock(key);
        var block = _blocks[at];
        var index = block.LowerBound(key);
        Invariant.Holds(index < block.Count && block.Rows[index] == row, "An overlay row stands where its key says.");
        block.RemoveAt(index);
        if (block.Count == 0) _blocks.RemoveAt(at);
    }

    public void Clear()
    {
        Version++;
        _blocks.Clear();
    }

    /// <summary>Position of the first row whose key is not less than the key, or greater than it.</summary>
    public OverlayPosition Seek(ReadOnlySpan<byte> key, bool greater = false)
    {
        if (_blocks.Count == 0) return OverlayPosition.End;
        var at = FindBlock(key);
        var index = _blocks[at].LowerBound(key);
        if (greater && index < _blocks[at].Count && _blocks[at].Rows[index].Key.SequenceEqual(key)) index++;
        return Normalise(at, index);
    }

    public OverlayPosition Next(OverlayPosition position) => Normalise(position.Block, position.Index + 1);

    public OverlayRow? At(OverlayPosition position) =>
        position.Block < 0 ? null : _blocks[position.Block].Rows[position.Index];

    private OverlayPosition Normalise(int block, int index)
    {
        if (index < _blocks[block].Count) return new OverlayPosition(block, index);
        return block + 1 < _blocks.Count ? new OverlayPosition(block + 1, 0) : OverlayPosition.End;
    }

    /// <summary>The last block whose first key is not greater than the key, else the first block.</summary>
    private int FindBlock(ReadOnlySpan<byte> key)
    {
        var low = 0;
        var high = _blocks.Count - 1;
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (_blocks[middle].Rows[0].Key.SequenceCompareTo(key) <= 0) low = middle;
            else high = middle - 1;
        }

        return low;
    }

    private sealed class Block
    {
        public readonly OverlayRow[] Rows = new OverlayRow[BlockMax];

        public int Count { get; private set; }

        public int LowerBound(ReadOnlySpan<byte> key)
        {
            var low = 0;
            var high = Count;
            while (low < high)
            {
                var middle = (low + high) / 2;
                if (Rows[middle].Key.SequenceCompareTo(key) < 0) low = middle + 1;
                else high = middle;
            }

            return low;
        }

        public void Insert(int index, OverlayRow row)
        {
            Array.Copy(Rows, index, Rows, index + 1, Count - index);
            Rows[index] = row;
            Count++;
        }

        public void RemoveAt(int index)
        {
            Count--;
            Array.Copy(Rows, index + 1, Rows, index, Count - index);
            Rows[Count] = null!;
        }

        public Block Split()
        {
            var upper = new Block { Count = BlockMax / 2 };
            Array.Copy(Rows, BlockMax / 2, upper.Rows, 0, BlockMax / 2);
            Array.Clear(Rows, BlockMax / 2, BlockMax / 2);
            Count = BlockMax / 2;
            return upper;
        }
    }
}

/// <summary>A place in an <see cref="OverlayOrder"/>, good for one of its versions.</summary>
internal readonly record struct OverlayPosition(int Block, int Index)
{
    public static readonly OverlayPosition End = new(-1, 0);
}
