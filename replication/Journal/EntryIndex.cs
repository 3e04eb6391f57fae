namespace Gateway.Replication.Journal;

/// <summary>Where an entry lies: the segment's sequence, the offset of its header, its payload's length.</summary>
internal readonly record struct EntrySlot
{
    private const int DamagedBytes = -1;
    private const int DamagedChainKnownBytes = -2;

    private EntrySlot(uint segment, uint offset, ulong chain, int bytes)
    {
        Segment = segment;
        Offset = offset;
        Chain = chain;
        PayloadBytes = bytes;
    }

    public uint Segment { get; }

    public uint Offset { get; }

    public ulong Chain { get; }

    public int PayloadBytes { get; }

    public bool IsDamaged => PayloadBytes < 0;

    public bool IsChainKnown => PayloadBytes != DamagedBytes;

    public static EntrySlot At(ulong segment, long offset, ulong chain, int payloadBytes) =>
        new(checked((uint)segment), checked((uint)offset), chain, payloadBytes);

    public static EntrySlot Damaged { get; } = new(0, 0, 0, DamagedBytes);

    public static EntrySlot DamagedWithChain(ulong chain) => new(0, 0, chain, DamagedChainKnownBytes);
}

/// <summary>
/// Index of the log in memory: 24 bytes per entry in chunks, and the epochs as runs. Trimming frees whole chunks.
/// </summary>
internal sealed class EntryIndex
{
    private const int ChunkEntries = 4096;

    private readonly List<EntrySlot[]> _chunks = [];
    private readonly List<(ulong First, ulong Epoch)> _runs = [];

    /// <summary>Index of the first slot of the first chunk.</summary>
    private ulong _origin = 1;

    public LogBase Base { get; private set; }

    public bool IsBaseChainKnown { get; private set; } = true;

    public ulong LastIndex { get; private set; }

    public ulong LastEpoch => LastIndex == Base.Index ? Base.Epoch : _runs[^1].Epoch;

    public EntrySlot this[ulong index]
    {
        get => _chunks[Chunk(index)][Within(index)];
        set => _chunks[Chunk(index)][Within(index)] = value;
    }

    public void Add(ulong epoch, EntrySlot slot)
    {
        var index = LastIndex + 1;
        if (Chunk(index) == _chunks.Count) _chunks.Add(new EntrySlot[ChunkEntries]);
        LastIndex = index;
        this[index] = slot;
        if (_runs.Count == 0 || _runs[^1].Epoch != epoch) _runs.Add((index, epoch));
    }

    public ulong EpochOf(ulong index)
    {
        if (index == Base.Index) return Base.Epoch;

        int low = 0, high = _runs.Count - 1;
        while (low < high)
        {
            var middle = (low + high + 1) / 2;
            if (_runs[middle].First <= index) low = middle;
            else high = middle - 1;
        }

        return _runs[low].Epoch;
    }

    public bool TryGetPosition(ulong index, out ulong epoch, out ulong chain)
    {
        epoch = chain = 0;
        if (index < Base.Index || index > LastIndex) return false;

        epoch = EpochOf(index);
        if (index == Base.Index)
        {
            chain = Base.Chain;
            return IsBaseChainKnown;
        }

        var slot = this[index];
        chain = slot.Chain;
        return slot.IsChainKnown;
    }

    public void TruncateFrom(ulong index)
    {
        LastIndex = Math.Max(Base.Index, index - 1);
        while (_runs.Count > 0 && _runs[^1].First > LastIndex) _runs.RemoveAt(_runs.Count - 1);
        var chunks = LastIndex < _origin ? 0 : Chunk(LastIndex) + 1;
        if (chunks < _chunks.Count) _chunks.RemoveRange(chunks, _chunks.Count - chunks);
    }

    /// <summary>Forgets the entries up to an index; it becomes the base.</summary>
    public void TrimTo(ulong index)
    {
        var known = TryGetPosition(index, out var epoch, out var chain);
        Base = new LogBase(index, epoch, chain);
        IsBaseChainKnown = known;
        while (_runs.Count > 1 && _runs[1].First <= index + 1) _runs.RemoveAt(0);
        if (index == LastIndex) _runs.Clear();
        while (_chunks.Count > 0 && _origin + ChunkEntries <= index + 1)
        {
            _chunks.RemoveAt(0);
            _origin += ChunkEntries;
        }
    }

    public void Reset(LogBase newBase, bool isChainKnown = true)
    {
        _chunks.Clear();
        _runs.Clear();
        Base = newBase;
        IsBaseChainKnown = isChainKnown;
        LastIndex = newBase.Index;
        _origin = newBase.Index + 1;
    }

    private int Chunk(ulong index) => (int)((index - _origin) / ChunkEntries);

    private int Within(ulong index) => (int)((index - _origin) % ChunkEntries);
}
