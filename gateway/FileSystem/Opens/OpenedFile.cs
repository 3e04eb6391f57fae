using Gateway.Replication.Store;

namespace Gateway.FileSystem.Opens;

/// <summary>
/// A file or directory with opens. All of its state, of its streams and of their opens and leases, is guarded by
/// <see cref="Sync"/>, which is never held across an await or a call to a holder.
/// </summary>
internal sealed class OpenedFile(OpenTable table, NodeId node)
{
    private volatile bool _keepsWriteTime;
    private volatile WriteTimeHold? _hold;
    private volatile bool _isChanged;
    private volatile int _persistentOpens;
    private long _writtenAt;

    public Lock Sync { get; } = new();

    public OpenTable Table => table;

    public NodeId Node => node;

    /// <summary>It left the table; whoever still has it looks it up again.</summary>
    public bool IsRetired { get; set; }

    /// <summary>
    /// A client set the write time: writes leave it alone until the last open ends. Not under the lock.
    /// </summary>
    public bool KeepsWriteTime
    {
        get => _keepsWriteTime;
        set => _keepsWriteTime = value;
    }

    /// <summary>Null when the file's own write time is shown. Read without the lock, changed under it.</summary>
    public WriteTimeHold? Hold
    {
        get => _hold;
        set => _hold = value;
    }

    /// <summary>When an open last wrote, by the monotonic clock. Not under the lock.</summary>
    public long WrittenAt
    {
        get => Volatile.Read(ref _writtenAt);
        set => Volatile.Write(ref _writtenAt, value);
    }

    /// <summary>Persistent opens among those of all contents. Read without the lock, changed under it.</summary>
    public int PersistentOpens
    {
        get => _persistentOpens;
        set => _persistentOpens = value;
    }

    /// <summary>Rows of its opens have to be put. Read without the lock, changed under it.</summary>
    public bool IsChanged
    {
        get => _isChanged;
        set => _isChanged = value;
    }

    public List<OpenedContent> Contents { get; } = [];

    public List<OpenedName> Names { get; } = [];

    public OpenedContent? Find(NodeId content) => Contents.Find(present => present.Node == content);

    public OpenedContent Take(NodeId content)
    {
        if (Find(content) is { } present) return present;

        var added = new OpenedContent(this, content);
        Contents.Add(added);
        return added;
    }

    public OpenedName? FindName(NodeId directory, ReadOnlySpan<byte> name)
    {
        foreach (var present in Names)
        {
            if (present.Place.Is(directory, name)) return present;
        }

        return null;
    }

    public OpenedName TakeName(NodeId directory, ReadOnlySpan<byte> name)
    {
        if (FindName(directory, name) is { } present) return present;

        var added = new OpenedName(directory, name.ToArray());
        Names.Add(added);
        return added;
    }

    /// <summary>Drops what no open uses any more.</summary>
    public void Tidy()
    {
        Contents.RemoveAll(content => content.IsUnused);
        Names.RemoveAll(name => name.Opens == 0);
    }

    /// <summary>What the rows of certain opens say is not so any more. Under the lock.</summary>
    public void NoteChange(Predicate<Open> isMeant)
    {
        if (PersistentOpens == 0) return;

        foreach (var content in Contents)
        {
            foreach (var open in content.Opens)
            {
                if (isMeant(open)) open.NoteChange();
            }
        }
    }

    /// <summary>Puts the rows that have changed. Under the lock, in a mutation.</summary>
    public void Record(MutationContext rows)
    {
        if (!IsChanged) return;

        IsChanged = false;
        foreach (var content in Contents)
        {
            foreach (var open in content.Opens) open.RecordChange(rows);
            foreach (var lease in content.Leases) lease.RecordChange(rows);
        }
    }

    public bool IsUnused => Contents.Count == 0 && Names.Count == 0;
}
