using System.Buffers.Binary;
using Gateway.Replication.Checksums;

namespace Gateway.Replication.Slices;

/// <summary>Finds the records of a segment at start: from its footer, or by reading all of it from the medium.</summary>
internal sealed class SliceScan(SliceSegment segment)
{
    private readonly byte[] _header = new byte[SliceRecord.HeaderBytes];
    private long _usedEnd;
    private readonly byte[] _data = GC.AllocateUninitializedArray<byte>((int)Math.Min(1 << 20, segment.Bytes));

    public List<(SliceId Id, SlicePlace Place)> Slices { get; } = [];

    public List<SliceId> Discarded { get; } = [];

    /// <summary>Records that were acknowledged and cannot even be named.</summary>
    public int LostRecords { get; private set; }

    /// <summary>Traces of unacknowledged writes lie behind the end: nothing more may be written here.</summary>
    public bool IsTorn { get; private set; }

    public void Run()
    {
        if (ReadFooter()) return;
        var found = FindRecords();
        var provenEnd = found.Count == 0 ? 0 : found.Max(r => r.DurableEnd);
        foreach (var record in found)
        {
            if (record.Offset < segment.End) continue; // Inside the data of another record.
            if (record.Offset > segment.End)
            {
                if (segment.End >= provenEnd) break;
                LostRecords++;
            }

            if (!Take(record, provenEnd)) break;
        }

        IsTorn = _usedEnd > segment.End;
    }

    /// <summary>Only the discards that the segment's known records name.</summary>
    public void ReadAllDiscards()
    {
        foreach (var (offset, _, length) in segment.Records)
        {
            if (length == 0) ReadDiscards(offset);
        }
    }

    /// <summary>The ids a record of discards names.</summary>
    private void ReadDiscards(long offset)
    {
        segment.File.ReadMedium(offset, _header);
        if (!SliceRecord.TryRead(_header, segment.Sequence, offset, out var record))
        {
            LostRecords++;
            return;
        }

        for (var i = 0; i < record.Count; i++) Discarded.Add(SliceRecord.DiscardedId(_header, i));
    }

    private bool ReadFooter()
    {
        var trailer = new byte[SliceFormat.TrailerBytes];
        if (segment.File.ReadMedium(segment.Bytes - SliceFormat.BlockBytes, trailer) < trailer.Length
            || !SliceFormat.TryReadTrailer(trailer, segment.Sequence, out var offset, out var entries, out var crc)
            || entries < 0 || offset < 0 || offset + (long)entries * SliceFormat.FooterEntryBytes > segment.Bytes)
        {
            return false;
        }

        var footer = new byte[entries * SliceFormat.FooterEntryBytes];
        if (segment.File.ReadMedium(offset, footer) < footer.Length || Crc32C.Compute(footer) != crc) return false;

        segment.IsSealed = true;
        segment.End = segment.DurableEnd = offset;
        for (var at = 0; at < footer.Length; at += SliceFormat.FooterEntryBytes)
        {
            var entry = footer.AsSpan(at);
            var id = new SliceId(
                BinaryPrimitives.ReadUInt64LittleEndian(entry), BinaryPrimitives.ReadUInt64LittleEndian(entry[8..]));
            var recordOffset = BinaryPrimitives.ReadInt64LittleEndian(entry[16..]);
            var length = BinaryPrimitives.ReadInt32LittleEndian(entry[24..]);
            var isDamaged = BinaryPrimitives.ReadInt32LittleEndian(entry[28..]) != 0;
            segment.Records.Add((recordOffset, id, length));
            if (length == 0) ReadDiscards(recordOffset);
            else Add(id, recordOffset, length, isDamaged);
        }

        return true;
    }

    private void Add(SliceId id, long offset, int length, bool isDamaged) =>
        Slices.Add((id, new SlicePlace(segment.Sequence, offset, length, isDamaged ? SliceState.Damaged : SliceState.Live)));

    /// <summary>Every intact header on the grid, read in large pieces.</summary>
    private List<SliceRecord> FindRecords()
    {
        var found = new List<SliceRecord>();
        for (long at = 0; at < segment.Bytes; at += _data.Length)
        {
            var count = segment.File.ReadMedium(at, _data.AsSpan(0, (int)Math.Min(_data.Length, segment.Bytes - at)));
            for (var block = 0; block + SliceFormat.BlockBytes <= count; block += SliceFormat.BlockBytes)
            {
                var bytes = _data.AsSpan(block, SliceFormat.BlockBytes);
                if (bytes.IndexOfAnyExcept((byte)0) < 0) continue;

                _usedEnd = at + block + SliceFormat.BlockBytes;
                if (SliceRecord.TryRead(bytes, segment.Sequence, at + block, out var record)) found.Add(record);
            }
        }

        return found;
    }

    /// <summary>False when the record was never acknowledged: the segment ends before it.</summary>
    private bool Take(SliceRecord record, long provenEnd)
    {
        if (record.Kind == SliceRecordKind.Discards)
        {
            segment.Records.Add((record.Offset, default, 0));
            segment.End = record.End;
            ReadDiscards(record.Offset);
            return true;
        }

        var isIntact = IsDataIntact(record);
        if (!isIntact && record.End > provenEnd) return false;

        segment.Records.Add((record.Offset, record.Slice.Id, record.Slice.Length));
        segment.End = record.End;
        Add(record.Slice.Id, record.Offset, record.Slice.Length, !isIntact);
        return true;
    }

    private bool IsDataIntact(SliceRecord record)
    {
        segment.File.ReadMedium(record.Offset, _header);
        var crcs = SliceRecord.BlockCrcs(_header, record.Count);
        for (var block = 0; block < record.Count; block++)
        {
            var at = block * SliceLimits.BlockBytes;
            var bytes = _data.AsSpan(0, Math.Min(SliceLimits.BlockBytes, record.Slice.Length - at));
            if (segment.File.ReadMedium(record.Offset + SliceRecord.HeaderBytes + at, bytes) < bytes.Length
                || Crc32C.Compute(bytes) != crcs[block])
            {
                return false;
            }
        }

        return true;
    }
}
