using Gateway.Replication.Checksums;
using Gateway.Replication.Slices;
using Gateway.Replication.Wire;

namespace Gateway.Replication.Owner;

/// <summary>
/// Checksums of the blocks of slices, taken from nodes and proved against the slice's own: a partial read is checked
/// from end to end like a whole one.
/// </summary>
/// <remarks>Any thread. At most <see cref="SlicesMax"/> slices; the oldest go first.</remarks>
internal sealed class BlockChecksums
{
    public const int SlicesMax = 16384;

    private readonly Lock _gate = new();
    private readonly Dictionary<SliceId, uint[]> _known = [];
    private readonly Queue<SliceId> _order = new();

    public uint[]? Find(SliceId slice)
    {
        lock (_gate) return _known.GetValueOrDefault(slice);
    }

    /// <summary>True when the block checksums combine to the slice's; they are kept then.</summary>
    public bool TryAdd(SliceRef slice, ReadOnlySpan<uint> blocks)
    {
        var count = (slice.Length + SliceLimits.BlockBytes - 1) / SliceLimits.BlockBytes;
        if (blocks.Length != count
            || Crc32CSum.JoinBlocks(blocks, SliceLimits.BlockBytes, slice.Length) != slice.Crc32C)
        {
            return false;
        }

        lock (_gate)
        {
            if (!_known.TryAdd(slice.Id, blocks.ToArray())) return true;
            _order.Enqueue(slice.Id);
            if (_order.Count > SlicesMax) _known.Remove(_order.Dequeue());
        }

        return true;
    }

    /// <summary>What a node's reply and the bytes that came with it are worth.</summary>
    /// <param name="blocks">The block checksums as they are known; null to take them from the reply.</param>
    /// <param name="length">Bytes that were asked for.</param>
    public Found Judge(in ReadSliceReply reply, SliceRef slice, CachedRun run, uint[]? blocks, int length)
    {
        var whole = run.Start == 0 && length == slice.Length;
        switch (reply.Outcome)
        {
            case NodeOutcome.Ok when run.Length != length:
                return Found.Damaged;
            case NodeOutcome.Ok when whole:
                return Crc32C.Compute(run.Bytes.Span) == slice.Crc32C ? Found.Good : Found.Damaged;
            case NodeOutcome.Ok:
                if (blocks is null && !TryAdd(slice, reply.BlockCrcs.Span)) return Found.Damaged;
                blocks ??= reply.BlockCrcs.ToArray();
                return Match(blocks, run.Start, run.Bytes.Span) ? Found.Good : Found.Damaged;
            case NodeOutcome.Damaged:
                return Found.Damaged;
            case NodeOutcome.Absent or NodeOutcome.UnknownVolume:
                return Found.Absent;
            default:
                return Found.Nothing;
        }
    }

    /// <summary>Compares bytes that begin on a block with the checksums of their blocks.</summary>
    private static bool Match(ReadOnlySpan<uint> blocks, int offset, ReadOnlySpan<byte> bytes)
    {
        for (var at = 0; at < bytes.Length; at += SliceLimits.BlockBytes)
        {
            var block = bytes.Slice(at, Math.Min(SliceLimits.BlockBytes, bytes.Length - at));
            if (Crc32C.Compute(block) != blocks[(offset + at) / SliceLimits.BlockBytes]) return false;
        }

        return true;
    }
}

/// <summary>What was found at a node.</summary>
internal enum Found
{
    Good,

    /// <summary>The node has a copy that does not match.</summary>
    Damaged,

    Absent,

    /// <summary>No answer that tells.</summary>
    Nothing,
}
