using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Gateway.Replication.Checksums;
using Gateway.Replication.Disks;

namespace Gateway.Replication.Slices;

/// <summary>
/// Writes groups of slices to the open segment, one flush per group; seals full segments. Owned by the commit thread.
/// </summary>
/// <remarks>
/// Segments are allocated, not zero-filled: a slice of a megabyte gains nothing from written extents, and zeros would
/// double the bytes that reach the disk. A full disk is met when a segment is allocated, never inside one.
/// </remarks>
internal sealed class SliceWriter(IDisk disk, SliceStoreOptions options, SliceCatalog catalog)
{
    private readonly byte[] _header = new byte[SliceRecord.HeaderBytes];
    private readonly uint[] _crcs = new uint[SliceLimits.BytesMax / SliceLimits.BlockBytes];
    private readonly List<SliceSegment> _touched = [];
    private SliceSegment? _active;
    private uint _nextSequence = 1;

    /// <summary>Takes over the open segment found at start.</summary>
    public void Resume(SliceSegment? open, uint nextSequence) => (_active, _nextSequence) = (open, nextSequence);

    /// <summary>Room that slices may still use, in the open segment and in whole new ones; none once the reserve is touched.</summary>
    public long AvailableBytes
    {
        get
        {
            var free = disk.Space.AvailableBytes - options.ReserveBytes;
            var open = _active is { IsSealed: false } active ? active.Bytes - active.End - SliceFormat.BlockBytes : 0;
            return free < 0 ? 0 : free / options.SegmentBytes * options.SegmentBytes + Math.Max(0, open - SliceFormat.BlockBytes);
        }
    }

    public bool IsActive(SliceSegment segment) => segment == _active;

    /// <summary>Puts one slice where the next flush makes it durable. NoSpace leaves everything as it was.</summary>
    /// <param name="mayUseReserve">Compaction and repair: they give space back, or save data.</param>
    public SliceOutcome Place(
        Guid volume, SliceRef slice, ReadOnlySpan<byte> data, bool mayUseReserve, out SlicePlace place)
    {
        place = default;
        var blocks = SliceRecord.BlocksOf(data.Length);
        SliceRecord.ComputeBlockCrcs(data, _crcs);
        Invariant.Holds(
            Crc32CSum.JoinBlocks(_crcs.AsSpan(0, blocks), SliceLimits.BlockBytes, data.Length) == slice.Crc32C,
            "A slice that arrives at the disk matches its checksum.");

        var recordBytes = SliceRecord.HeaderBytes + SliceFormat.AlignUp(data.Length);
        if (!MakeRoom(recordBytes, mayUseReserve)) return SliceOutcome.NoSpace;

        var active = _active!;
        var record = new SliceRecord
        {
            Kind = SliceRecordKind.Slice,
            Segment = active.Sequence,
            Offset = active.End,
            DurableEnd = active.DurableEnd,
            Volume = volume,
            Slice = slice,
            Count = blocks,
        };
        record.Write(_header, MemoryMarshal.AsBytes(_crcs.AsSpan(0, blocks)));
        active.File.Write(record.Offset, _header);
        active.File.Write(record.Offset + SliceRecord.HeaderBytes, data);

        // The medium works on this slice while the next ones of the group are checked and copied.
        active.File.StartWriteback(record.Offset, recordBytes);
        place = new SlicePlace(active.Sequence, record.Offset, data.Length, SliceState.Live);
        Advance(active, record.End, slice.Id, data.Length);
        return SliceOutcome.Ok;
    }

    /// <summary>Records discards; they are durable after the next flush. False when there is no room even in the reserve.</summary>
    public bool PlaceDiscards(ReadOnlySpan<SliceId> ids)
    {
        var array = new byte[SliceRecord.DiscardsMax * SliceId.Bytes];
        while (!ids.IsEmpty)
        {
            if (!MakeRoom(SliceRecord.HeaderBytes, mayUseReserve: true)) return false;

            var count = Math.Min(ids.Length, SliceRecord.DiscardsMax);
            for (var i = 0; i < count; i++) SliceRecord.WriteDiscardedId(array, i, ids[i]);
            var active = _active!;
            var record = new SliceRecord
            {
                Kind = SliceRecordKind.Discards,
                Segment = active.Sequence,
                Offset = active.End,
                DurableEnd = active.DurableEnd,
                Count = count,
            };
            record.Write(_header, array.AsSpan(0, count * SliceId.Bytes));
            active.File.Write(record.Offset, _header);
            Advance(active, record.End, default, 0);
            ids = ids[count..];
        }

        return true;
    }

    /// <summary>One flush, or two when a segment was sealed in the group.</summary>
    public void Flush()
    {
        foreach (var segment in _touched)
        {
            segment.File.Sync();
            segment.DurableEnd = segment.End;
        }

        _touched.Clear();
    }

    /// <summary>Lists the records at the end of the segment, so that the next start need not read it.</summary>
    public void Seal(SliceSegment segment)
    {
        var footer = new byte[segment.Records.Count * SliceFormat.FooterEntryBytes];
        for (var i = 0; i < segment.Records.Count; i++)
        {
            var (offset, id, length) = segment.Records[i];
            var entry = footer.AsSpan(i * SliceFormat.FooterEntryBytes);
            BinaryPrimitives.WriteUInt64LittleEndian(entry, id.Epoch);
            BinaryPrimitives.WriteUInt64LittleEndian(entry[8..], id.Sequence);
            BinaryPrimitives.WriteInt64LittleEndian(entry[16..], offset);
            BinaryPrimitives.WriteInt32LittleEndian(entry[24..], length);
            var place = length == 0 ? default : catalog.Find(id);
            var isDamaged = place.State == SliceState.Damaged && place.Segment == segment.Sequence && place.Offset == offset;
            BinaryPrimitives.WriteInt32LittleEndian(entry[28..], isDamaged ? 1 : 0);
        }

        Span<byte> trailer = stackalloc byte[SliceFormat.TrailerBytes];
        SliceFormat.WriteTrailer(trailer, segment.Sequence, segment.End, segment.Records.Count, Crc32C.Compute(footer));
        segment.File.Write(segment.End, footer);
        segment.File.Write(segment.Bytes - SliceFormat.BlockBytes, trailer);
        segment.IsSealed = true;
        Touch(segment);
        if (segment == _active) _active = null;
    }

    /// <summary>Deletes the file of a segment without living slices.</summary>
    public void Delete(SliceSegment segment)
    {
        disk.Delete(segment.Name);
        disk.SyncDirectory();
        catalog.Drop(segment);
    }

    private void Advance(SliceSegment active, long end, SliceId id, int length)
    {
        active.Records.Add((active.End, id, length));
        active.End = end;
        Touch(active);
    }

    private void Touch(SliceSegment segment)
    {
        if (!_touched.Contains(segment)) _touched.Add(segment);
    }

    private bool MakeRoom(long recordBytes, bool mayUseReserve)
    {
        if (_active is not null && _active.HasRoomFor(recordBytes)) return true;

        var needed = options.SegmentBytes + (mayUseReserve ? 0 : options.ReserveBytes);
        if (disk.Space.AvailableBytes < needed) return false;
        if (TryCreate() is not { } created) return false;
        if (_active is not null) Seal(_active);
        _active = created;
        return true;
    }

    private SliceSegment? TryCreate()
    {
        var sequence = _nextSequence;
        try
        {
            using (var partial = disk.Create(SliceFormat.PartialName))
            {
                partial.Allocate(options.SegmentBytes);
                partial.Sync();
            }
        }
        catch (DiskException e) when (e.Fault == DiskFault.Full)
        {
            if (disk.List().Contains(SliceFormat.PartialName)) disk.Delete(SliceFormat.PartialName);
            return null;
        }

        disk.Rename(SliceFormat.PartialName, SliceFormat.SegmentName(sequence));
        disk.SyncDirectory();
        _nextSequence++;
        var segment = new SliceSegment(sequence, disk.Open(SliceFormat.SegmentName(sequence)), options.SegmentBytes);
        catalog.Add(segment);
        return segment;
    }
}
