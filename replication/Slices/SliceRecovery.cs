using Gateway.Replication.Disks;

namespace Gateway.Replication.Slices;

/// <summary>Builds the catalog from the segment files at start.</summary>
internal static class SliceRecovery
{
    public static void Run(IDisk disk, SliceStoreOptions options, SliceCatalog catalog, SliceWriter writer)
    {
        var sequences = new List<uint>();
        foreach (var name in disk.List())
        {
            if (name == SliceFormat.PartialName) disk.Delete(name);
            if (SliceFormat.TryParseName(name, out var sequence)) sequences.Add(sequence);
        }

        sequences.Sort();
        SliceSegment? open = null;
        var unsealed = new List<SliceSegment>();
        var discarded = new List<SliceId>();
        foreach (var sequence in sequences)
        {
            var file = disk.Open(SliceFormat.SegmentName(sequence));
            var segment = new SliceSegment(sequence, file, file.Length);
            catalog.Add(segment);
            var scan = new SliceScan(segment);
            scan.Run();
            foreach (var (id, place) in scan.Slices) catalog.Load(id, place);
            discarded.AddRange(scan.Discarded);
            catalog.NoteFound(scan.LostRecords);
            if (segment.IsSealed) continue;

            var isOpen = sequence == sequences[^1] && !scan.IsTorn && !options.Suspect
                && segment.Bytes == options.SegmentBytes;
            if (isOpen) open = segment;
            else unsealed.Add(segment);
        }

        foreach (var id in discarded) catalog.Discard(id);
        catalog.NoteFound(catalog.Totals.Damaged);
        Settle(writer, open, unsealed);
        writer.Resume(open, sequences.Count == 0 ? 1 : sequences[^1] + 1);
    }

    private static void Settle(SliceWriter writer, SliceSegment? open, List<SliceSegment> unsealed)
    {
        // What the scan accepted may have been in the page cache only.
        open?.File.Sync();
        if (open is not null) open.DurableEnd = open.End;
        foreach (var segment in unsealed) writer.Seal(segment);
        writer.Flush();
    }
}
