using System.Buffers.Binary;

namespace Gateway.Replication.Journal;

/// <summary>Reads the entries of one group and tells the intact from the damaged.</summary>
internal static class GroupScan
{
    /// <summary>Verifies all entries; those that fail are in the result as damaged.</summary>
    /// <param name="group">From the group's header to its last entry.</param>
    public static ScannedGroup Read(GroupHeader header, ReadOnlySpan<byte> group, out bool isIntact)
    {
        var entries = new List<ScannedEntry>(header.Count);
        isIntact = true;
        var at = GroupHeader.Bytes;
        while (entries.Count < header.Count)
        {
            var index = header.First + (ulong)entries.Count;
            if (!EntryHeader.TryRead(group[Math.Min(at, group.Length)..], out var entry) || !Belongs(header, entry, index))
            {
                isIntact = false;
                at = SkipToHeader(header, group, at, index, entries);
                continue;
            }

            if (entry.HasIntactPayload(group[at..]))
            {
                var slot = EntrySlot.At(header.Sequence, header.Offset + at, entry.Chain, entry.PayloadBytes);
                entries.Add(new ScannedEntry(index, entry.Epoch, slot));
            }
            else
            {
                isIntact = false;
                entries.Add(new ScannedEntry(index, entry.Epoch, EntrySlot.DamagedWithChain(entry.Chain)));
            }

            at = (int)Math.Min(group.Length, (long)at + EntryHeader.Bytes + entry.PayloadBytes);
        }

        return new ScannedGroup(header, entries);
    }

    private static bool Belongs(GroupHeader group, EntryHeader entry, ulong index) =>
        entry.Index == index && (group.Kind == GroupKind.Repair || entry.Epoch == group.Epoch);

    /// <summary>
    /// After a broken entry header its length is unknown: looks for a later header of the group, and notes the
    /// entries between as damaged.
    /// </summary>
    private static int SkipToHeader(
        GroupHeader header, ReadOnlySpan<byte> group, int from, ulong index, List<ScannedEntry> entries)
    {
        for (var at = from + 1; at + EntryHeader.Bytes <= group.Length; at++)
        {
            var candidate = BinaryPrimitives.ReadUInt64LittleEndian(group[at..]);
            if (candidate <= index || candidate > header.Last || !EntryHeader.TryRead(group[at..], out var entry)
                || !Belongs(header, entry, candidate))
            {
                continue;
            }

            for (; index < candidate; index++) entries.Add(Damaged(header, index));
            return at;
        }

        for (; index <= header.Last; index++) entries.Add(Damaged(header, index));
        return group.Length;
    }

    private static ScannedEntry Damaged(GroupHeader header, ulong index)
    {
        var slot = index == header.Last ? EntrySlot.DamagedWithChain(header.LastChain) : EntrySlot.Damaged;
        return new ScannedEntry(index, header.Epoch, slot);
    }
}
