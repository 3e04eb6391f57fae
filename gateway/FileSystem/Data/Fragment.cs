namespace Gateway.FileSystem.Data;

/// <summary>A range of a file and where its bytes are in a buffer or slice.</summary>
internal readonly record struct Fragment(long Start, int Length, int Offset)
{
    public long End => Start + Length;
}

/// <summary>Fragments of one buffer, ordered by file offset, without overlap: later ones win.</summary>
internal sealed class FragmentList
{
    public const int FragmentsMax = 1024;

    private readonly List<Fragment> _fragments = [];

    public int Count => _fragments.Count;

    public Fragment this[int index] => _fragments[index];

    public bool IsFull => _fragments.Count >= FragmentsMax;

    public long End => _fragments.Count == 0 ? 0 : _fragments[^1].End;

    public void Add(Fragment added)
    {
        if (_fragments.Count == 0 || added.Start >= _fragments[^1].End)
        {
            if (_fragments.Count > 0 && Joins(_fragments[^1], added))
                _fragments[^1] = _fragments[^1] with { Length = _fragments[^1].Length + added.Length };
            else _fragments.Add(added);
            return;
        }

        Overwrite(added);
    }

    /// <summary>Index of the first fragment that ends after the offset; Count when there is none.</summary>
    public int FirstAfter(long offset)
    {
        var low = 0;
        for (var high = _fragments.Count; low < high;)
        {
            var middle = (low + high) >>> 1;
            if (_fragments[middle].End > offset) high = middle;
            else low = middle + 1;
        }

        return low;
    }

    private static bool Joins(in Fragment left, in Fragment right) =>
        left.End == right.Start && left.Offset + left.Length == right.Offset;

    private void Overwrite(Fragment added)
    {
        var first = FirstAfter(added.Start);
        var next = first;
        while (next < _fragments.Count && _fragments[next].Start < added.End) next++;

        Fragment? left = null;
        Fragment? right = null;
        if (next > first)
        {
            var head = _fragments[first];
            var tail = _fragments[next - 1];
            if (head.Start < added.Start) left = head with { Length = (int)(added.Start - head.Start) };
            if (tail.End > added.End)
            {
                var cut = (int)(added.End - tail.Start);
                right = new Fragment(added.End, tail.Length - cut, tail.Offset + cut);
            }

            _fragments.RemoveRange(first, next - first);
        }

        if (right is { } after) _fragments.Insert(first, after);
        _fragments.Insert(first, added);
        if (left is { } before)
        {
            _fragments.Insert(first, before);
        }
        else if (first > 0 && Joins(_fragments[first - 1], added))
        {
            _fragments[first - 1] = _fragments[first - 1] with { Length = _fragments[first - 1].Length + added.Length };
            _fragments.RemoveAt(first);
        }
    }
}
