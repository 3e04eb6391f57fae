namespace Gateway.Replication.Slices;

internal enum SliceState : byte
{
    None = 0,
    Live = 1,

    /// <summary>The copy fails its checksums; it stays until a good one is durable.</summary>
    Damaged = 2,

    /// <summary>Discarded, while its bytes still lie in a segment.</summary>
    Dead = 3,
}

/// <summary>Where a slice lies: segment, offset in 4 KiB blocks, length and state. 12 bytes.</summary>
internal readonly record struct SlicePlace
{
    private readonly uint _offsetBlocks;
    private readonly uint _lengthAndState;

    public SlicePlace(uint segment, long offset, int length, SliceState state)
    {
        Segment = segment;
        _offsetBlocks = (uint)(offset / SliceFormat.BlockBytes);
        _lengthAndState = (uint)length << 3 | (uint)state;
    }

    public uint Segment { get; }

    public long Offset => (long)_offsetBlocks * SliceFormat.BlockBytes;

    public int Length => (int)(_lengthAndState >> 3);

    public SliceState State => (SliceState)(_lengthAndState & 7);

    /// <summary>Bytes of the record in the segment.</summary>
    public long RecordBytes => SliceRecord.HeaderBytes + SliceFormat.AlignUp(Length);

    public SlicePlace As(SliceState state) => new(Segment, Offset, Length, state);
}

/// <summary>
/// All slices of a node by id: per epoch, chunks of places that are dense because sequence numbers are. Not thread-safe.
/// </summary>
internal sealed class SliceIndex
{
    private const int ChunkSlices = 512;

    private readonly SortedDictionary<ulong, SortedDictionary<ulong, Chunk>> _epochs = [];

    public long Live { get; private set; }

    public long LiveBytes { get; private set; }

    public int Damaged { get; private set; }

    public SlicePlace this[SliceId id]
    {
        get
        {
            var found = _epochs.TryGetValue(id.Epoch, out var chunks)
                & (chunks ?? []).TryGetValue(id.Sequence / ChunkSlices, out var chunk);
            return found ? chunk!.Places[id.Sequence % ChunkSlices] : default;
        }

        set
        {
            var chunk = ChunkOf(id);
            ref var place = ref chunk.Places[id.Sequence % ChunkSlices];
            Count(place, -1);
            if (place.State != SliceState.None) chunk.Used--;
            place = value;
            Count(value, 1);
            if (value.State != SliceState.None) chunk.Used++;
            if (chunk.Used == 0) RemoveChunk(id);
        }
    }

    /// <summary>Slices in the order of their ids, from one on.</summary>
    public IEnumerable<(SliceId Id, SlicePlace Place)> From(SliceId first)
    {
        foreach (var (epoch, chunks) in _epochs)
        {
            if (epoch < first.Epoch) continue;
            var start = epoch == first.Epoch ? first.Sequence : 0;
            foreach (var (number, chunk) in chunks)
            {
                if (number < start / ChunkSlices) continue;
                for (var at = 0; at < ChunkSlices; at++)
                {
                    var sequence = number * ChunkSlices + (ulong)at;
                    if (sequence >= start && chunk.Places[at].State != SliceState.None)
                        yield return (new SliceId(epoch, sequence), chunk.Places[at]);
                }
            }
        }
    }

    private Chunk ChunkOf(SliceId id)
    {
        if (!_epochs.TryGetValue(id.Epoch, out var chunks)) _epochs.Add(id.Epoch, chunks = []);
        if (!chunks.TryGetValue(id.Sequence / ChunkSlices, out var chunk))
            chunks.Add(id.Sequence / ChunkSlices, chunk = new Chunk());
        return chunk;
    }

    private void RemoveChunk(SliceId id)
    {
        var chunks = _epochs[id.Epoch];
        chunks.Remove(id.Sequence / ChunkSlices);
        if (chunks.Count == 0) _epochs.Remove(id.Epoch);
    }

    private void Count(SlicePlace place, int sign)
    {
        if (place.State == SliceState.Damaged) Damaged += sign;
        if (place.State is not (SliceState.Live or SliceState.Damaged)) return;
        Live += sign;
        LiveBytes += sign * (long)place.Length;
    }

    private sealed class Chunk
    {
        public SlicePlace[] Places { get; } = new SlicePlace[ChunkSlices];

        public int Used { get; set; }
    }
}
