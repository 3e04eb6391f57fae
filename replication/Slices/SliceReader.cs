using Gateway.Replication.Checksums;
using Gateway.Replication.Disks;

namespace Gateway.Replication.Slices;

/// <summary>One copy of a slice as the medium holds it.</summary>
/// <param name="Length">By the copy's header; 0 when absent.</param>
/// <param name="Crc32C">Of the bytes as read, whether they match or not.</param>
public readonly record struct StoredSlice(SliceOutcome Outcome, int Length, uint Crc32C);

/// <summary>Reads and verifies slices. Any thread.</summary>
internal sealed class SliceReader(SliceCatalog catalog)
{
    /// <summary>Checks every block it touches; a mismatch in the page cache is looked up on the medium once more.</summary>
    /// <param name="offset">On a block.</param>
    /// <param name="blockCrcs">Receives the checksums of all blocks when not empty.</param>
    public SliceOutcome Read(SliceRef slice, int offset, Span<byte> destination, Span<uint> blockCrcs)
    {
        var segment = catalog.TryUse(slice.Id, out var place);
        if (segment is null) return SliceOutcome.Absent;
        try
        {
            if (place.State == SliceState.Damaged && destination.Length == slice.Length) return SliceOutcome.Damaged;
            if (TryRead(segment, place, slice, offset, destination, blockCrcs, fromMedium: false)
                || TryRead(segment, place, slice, offset, destination, blockCrcs, fromMedium: true))
            {
                return SliceOutcome.Ok;
            }

            catalog.MarkDamaged(slice.Id, place);
            return SliceOutcome.Damaged;
        }
        catch (DiskException)
        {
            // A sector that cannot be read is a damaged copy, not a broken promise.
            catalog.MarkDamaged(slice.Id, place);
            return SliceOutcome.Damaged;
        }
        finally
        {
            segment.EndUse();
        }
    }

    /// <summary>
    /// Reads from memory and checks nothing but the header, for a reader who judges the bytes by the slice's own
    /// checksum. Null when it would wait for the disk, or finds what <see cref="Read"/> should look at.
    /// </summary>
    public SliceOutcome? TryReadCached(SliceRef slice, int offset, Span<byte> destination, Span<uint> blockCrcs)
    {
        var segment = catalog.TryUse(slice.Id, out var place);
        if (segment is null) return SliceOutcome.Absent;
        try
        {
            if (place.State == SliceState.Damaged || place.Length != slice.Length) return null;
            if (!blockCrcs.IsEmpty)
            {
                Span<byte> header = stackalloc byte[SliceRecord.HeaderBytes];
                if (!segment.File.TryReadCached(place.Offset, header)
                    || !TryReadHeader(header, segment, place, slice.Id, out var record))
                {
                    return null;
                }

                SliceRecord.BlockCrcs(header, record.Count).CopyTo(blockCrcs);
            }

            var at = place.Offset + SliceRecord.HeaderBytes + offset;
            return segment.File.TryReadCached(at, destination) ? SliceOutcome.Ok : null;
        }
        finally
        {
            segment.EndUse();
        }
    }

    /// <summary>Reads the whole copy from the medium.</summary>
    public StoredSlice Verify(SliceId id, out SliceRef stored, out Guid volume, Span<byte> buffer)
    {
        stored = default;
        volume = default;
        var segment = catalog.TryUse(id, out var place);
        if (segment is null) return new StoredSlice(SliceOutcome.Absent, 0, 0);
        try
        {
            Span<byte> header = stackalloc byte[SliceRecord.HeaderBytes];
            var data = buffer[..place.Length];
            var got = segment.File.ReadMedium(place.Offset, header);
            var gotData = segment.File.ReadMedium(place.Offset + SliceRecord.HeaderBytes, data);
            var isIntact = got == header.Length && gotData == data.Length
                && TryReadHeader(header, segment, place, id, out var record) && Matches(header, record, data, 0)
                && (stored = record.Slice) != default && (volume = record.Volume) == record.Volume;
            if (!isIntact) catalog.MarkDamaged(id, place);
            return new StoredSlice(
                isIntact ? SliceOutcome.Ok : SliceOutcome.Damaged, place.Length, Crc32C.Compute(data));
        }
        catch (DiskException)
        {
            catalog.MarkDamaged(id, place);
            return new StoredSlice(SliceOutcome.Damaged, place.Length, 0);
        }
        finally
        {
            segment.EndUse();
        }
    }

    public SliceId Scrub(SliceId from, long bytesMax, int damagedMax, List<SliceId> damaged, out long bytesRead)
    {
        const int pageSlices = 256;
        bytesRead = 0;
        var buffer = GC.AllocateUninitializedArray<byte>(SliceLimits.BytesMax);
        while (true)
        {
            var page = catalog.List(from, pageSlices);
            foreach (var (id, place) in page)
            {
                if (bytesRead >= bytesMax || damaged.Count >= damagedMax) return id;
                if (Verify(id, out _, out _, buffer).Outcome == SliceOutcome.Damaged) damaged.Add(id);
                bytesRead += place.RecordBytes;
            }

            if (page.Count < pageSlices) return default;
            from = new SliceId(page[^1].Id.Epoch, page[^1].Id.Sequence + 1);
        }
    }

    private static bool TryRead(
        SliceSegment segment, SlicePlace place, SliceRef slice, int offset, Span<byte> destination, Span<uint> blockCrcs,
        bool fromMedium)
    {
        Span<byte> header = stackalloc byte[SliceRecord.HeaderBytes];
        var got = fromMedium ? segment.File.ReadMedium(place.Offset, header) : segment.File.Read(place.Offset, header);
        if (got != header.Length || !TryReadHeader(header, segment, place, slice.Id, out var record)
            || record.Slice != slice)
        {
            return false;
        }

        var at = place.Offset + SliceRecord.HeaderBytes + offset;
        got = fromMedium ? segment.File.ReadMedium(at, destination) : segment.File.Read(at, destination);
        if (got != destination.Length || !Matches(header, record, destination, offset / SliceLimits.BlockBytes))
            return false;

        if (!blockCrcs.IsEmpty) SliceRecord.BlockCrcs(header, record.Count).CopyTo(blockCrcs);
        return true;
    }

    private static bool TryReadHeader(
        ReadOnlySpan<byte> header, SliceSegment segment, SlicePlace place, SliceId id, out SliceRecord record) =>
        SliceRecord.TryRead(header, segment.Sequence, place.Offset, out record)
        && record.Kind == SliceRecordKind.Slice && record.Slice.Id == id && record.Slice.Length == place.Length;

    private static bool Matches(ReadOnlySpan<byte> header, SliceRecord record, ReadOnlySpan<byte> data, int firstBlock)
    {
        var crcs = SliceRecord.BlockCrcs(header, record.Count);
        for (var block = firstBlock; !data.IsEmpty; block++)
        {
            var count = Math.Min(data.Length, SliceLimits.BlockBytes);
            if (Crc32C.Compute(data[..count]) != crcs[block]) return false;
            data = data[count..];
        }

        return true;
    }
}
