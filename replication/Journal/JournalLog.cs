using Gateway.Replication.Checksums;
using Gateway.Replication.Disks;

namespace Gateway.Replication.Journal;

/// <summary>
/// The log as segment files: groups on 4 KiB boundaries, each with an identifier in the segment's table, data and
/// identifier made durable by one flush (docs/journal-format.md).
/// </summary>
/// <remarks>
/// Threading: one journal thread, except <see cref="PrepareSpare"/> which belongs to a background thread.
/// Entries not written out yet are read from the group buffer, later ones through the page cache, which is the only
/// cache: what a catch-up asks for was written moments ago.
/// </remarks>
public sealed partial class JournalLog : IJournalLog
{
    private readonly SegmentSupply _supply;
    private readonly List<JournalSegment> _segments;
    private readonly EntryIndex _index;
    private readonly DamagedEntries _damaged;

    private JournalLog(LogRecovery recovery)
    {
        recovery.Run();
        _supply = recovery.MakeSupply();
        _segments = recovery.Segments;
        _index = recovery.Index;
        _damaged = recovery.Damaged;
        RecoveredWithDamage = recovery.IsDamaged;
        DamageFound = _damaged.List.Count;
        _writer = recovery.MakeWriter(_supply);
        Flush();
        Trim(Base.Index);
    }

    public LogBase Base => _index.Base;

    public ulong LastIndex => _index.LastIndex;

    public ulong LastEpoch => _index.LastEpoch;

    public IReadOnlyList<EntryId> Damaged => _damaged.List;

    public bool RecoveredWithDamage { get; }

    /// <summary>Index of the newest entry that a flush made durable.</summary>
    public ulong FlushedIndex { get; private set; }

    /// <summary>Entries found damaged: at recovery, and by reads and scrubbing since.</summary>
    public long DamageFound { get; private set; }

    /// <summary>Damaged entries that were replaced.</summary>
    public long DamageRepaired { get; private set; }

    /// <summary>Bytes of all segment files.</summary>
    public long FileBytes
    {
        get
        {
            long bytes = 0;
            foreach (var segment in _segments) bytes += segment.Bytes;
            return bytes;
        }
    }

    /// <summary>Recovers the log from its files, or starts an empty one.</summary>
    /// <exception cref="DiskException">The disk is full or failed.</exception>
    public static JournalLog Open(IDisk disk, JournalLogOptions options)
    {
        if (options.SegmentBytes % JournalFormat.BlockBytes != 0 || options.SegmentBytes is < 16 << 10 or > 1 << 30)
            throw new ArgumentException("A segment has 16 KiB to 1 GiB, in blocks of 4 KiB.", nameof(options));

        return new JournalLog(new LogRecovery(disk, options));
    }

    public bool TryGetPosition(ulong index, out ulong epoch, out ulong chain) =>
        _index.TryGetPosition(index, out epoch, out chain);

    /// <summary>Room for entries in the open segment, a prepared one, and in those that fit on the disk.</summary>
    public long AppendableBytes
    {
        get
        {
            var bytes = _supply.SegmentBytes;
            var prepared = _supply.HasSpare ? bytes : 0;
            return _writer.RoomBytes + prepared + _supply.DiskAvailableBytes / bytes * bytes;
        }
    }

    public EntryRead Read(ulong index) => Read(index, fromMedium: false);

    /// <summary>Reads one entry, past the page cache when asked to.</summary>
    public EntryRead Read(ulong index, bool fromMedium)
    {
        ThrowIfPoisoned();
        if (index <= Base.Index) return new EntryRead(EntryPresence.Trimmed, null);
        if (index > LastIndex) return new EntryRead(EntryPresence.Absent, null);

        var slot = _index[index];
        if (slot.IsDamaged) return new EntryRead(EntryPresence.Damaged, null);

        var bytes = new byte[EntryHeader.Bytes + slot.PayloadBytes];
        if (ReadSlot(index, slot, bytes, fromMedium) || ReadSlot(index, slot, bytes, fromMedium: true))
            return new EntryRead(EntryPresence.Present, ToEntry(bytes));

        NoteRot(index, slot);
        return new EntryRead(EntryPresence.Damaged, null);
    }

    /// <summary>
    /// Verifies entries on the medium from an index on, until about <paramref name="bytesMax"/> were read. Damaged ones
    /// appear in <see cref="Damaged"/>.
    /// </summary>
    /// <returns>The index to go on with, 0 when the end was reached.</returns>
    public ulong Scrub(ulong from, long bytesMax, out long bytesRead)
    {
        ThrowIfPoisoned();
        bytesRead = 0;
        var buffer = Array.Empty<byte>();
        for (var index = Math.Max(from, Base.Index + 1); index <= LastIndex; index++)
        {
            if (bytesRead >= bytesMax) return index;

            var slot = _index[index];
            if (slot.IsDamaged || _writer.IsBuffered(slot)) continue;

            var count = EntryHeader.Bytes + slot.PayloadBytes;
            if (buffer.Length < count) buffer = new byte[Math.Max(count, 64 << 10)];
            if (!ReadSlot(index, slot, buffer.AsSpan(0, count), fromMedium: true)) NoteRot(index, slot);
            bytesRead += count;
        }

        return 0;
    }

    /// <summary>True when <see cref="PrepareSpare"/> has something to do. Any thread.</summary>
    public bool IsSpareDue => _supply.IsDue;

    /// <summary>
    /// Makes the next segment ready and deletes trimmed ones; call it from the background, often. False when the disk
    /// is full.
    /// </summary>
    /// <exception cref="DiskException">The disk failed: the process must end.</exception>
    public bool PrepareSpare() => _supply.Prepare();

    public void Dispose()
    {
        foreach (var segment in _segments) segment.Dispose();
        _supply.Dispose();
    }

    private static JournalEntry ToEntry(byte[] bytes)
    {
        _ = EntryHeader.TryRead(bytes, out var header);
        return new JournalEntry
        {
            Index = header.Index,
            Epoch = header.Epoch,
            Chain = header.Chain,
            Type = header.Type,
            Payload = bytes.AsMemory(EntryHeader.Bytes),
            PayloadCrc32C = header.PayloadCrc32C,
        };
    }

    private bool ReadSlot(ulong index, EntrySlot slot, Span<byte> bytes, bool fromMedium)
    {
        if (_writer.IsBuffered(slot))
        {
            _writer.ReadBuffered(slot, bytes);
        }
        else
        {
            if (ReadFile(slot, bytes, fromMedium) != bytes.Length) return false;
        }

        return EntryHeader.TryRead(bytes, out var header)
            && header.Index == index && header.Chain == slot.Chain && header.PayloadBytes == slot.PayloadBytes
            && Crc32C.Compute(bytes[EntryHeader.Bytes..]) == header.PayloadCrc32C;
    }

    private int ReadFile(EntrySlot slot, Span<byte> bytes, bool fromMedium)
    {
        try
        {
            return SegmentOf(slot).Read(slot.Offset, bytes, fromMedium);
        }
        catch (DiskException)
        {
            // A sector that cannot be read is damage of one entry, not of what was promised.
            return -1;
        }
    }

    private JournalSegment SegmentOf(EntrySlot slot)
    {
        for (var i = _segments.Count - 1; i > 0; i--)
        {
            if (_segments[i].Sequence == slot.Segment) return _segments[i];
        }

        return _segments[0];
    }

    private void NoteRot(ulong index, EntrySlot slot)
    {
        _index[index] = EntrySlot.DamagedWithChain(slot.Chain);
        _damaged.Add(index, _index.EpochOf(index));
        DamageFound++;
    }
}
