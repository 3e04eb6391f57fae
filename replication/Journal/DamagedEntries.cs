namespace Gateway.Replication.Journal;

/// <summary>The entries of a log whose data is damaged, by index.</summary>
internal sealed class DamagedEntries
{
    private readonly SortedDictionary<ulong, EntryId> _entries = [];
    private IReadOnlyList<EntryId>? _list;

    public int Count => _entries.Count;

    /// <summary>Ascending; a new list after every change.</summary>
    public IReadOnlyList<EntryId> List => _list ??= [.. _entries.Values];

    public void Add(ulong index, ulong epoch)
    {
        _entries[index] = new EntryId(index, epoch);
        _list = null;
    }

    public bool Contains(ulong index) => _entries.ContainsKey(index);

    public void Remove(ulong index)
    {
        if (_entries.Remove(index)) _list = null;
    }

    public void RemoveFrom(ulong first) => RemoveRange(first, ulong.MaxValue);

    public void RemoveTo(ulong last) => RemoveRange(0, last);

    public void RemoveAll() => RemoveRange(0, ulong.MaxValue);

    private void RemoveRange(ulong first, ulong last)
    {
        if (_entries.Count == 0) return;
        foreach (var entry in List)
        {
            if (entry.Index >= first && entry.Index <= last) Remove(entry.Index);
        }
    }
}
