using System.Runtime.InteropServices;
using Gateway.Replication.Disks;

namespace Gateway.Replication.Journal;

/// <summary>
/// Reads all segments in the order they were written and replays their groups into an index.
/// See docs/journal-format.md for the rules.
/// </summary>
internal sealed class LogRecovery
{
    private readonly IDisk _disk;
    private readonly JournalLogOptions _options;
    private readonly Dictionary<ulong, (ulong TailSequence, long TailEnd)> _opens = [];
    private readonly LogReplay _replay = new();
    private bool _isStructureDamaged;

    public LogRecovery(IDisk disk, JournalLogOptions options)
    {
        _disk = disk;
        _options = options;
    }

    public List<JournalSegment> Segments { get; } = [];

    public EntryIndex Index => _replay.Index;

    public DamagedEntries Damaged => _replay.Damaged;

    public bool IsDamaged => _isStructureDamaged || _replay.IsDamaged || _replay.Damaged.Count > 0;

    public int DamagedGroups { get; private set; }

    /// <summary>A prepared segment that nothing was written to.</summary>
    public JournalSegment? Spare { get; private set; }

    public ulong NextSequence { get; private set; } = 1;

    /// <summary>Where the history ends; the sequence is 0 when there is none.</summary>
    public (ulong Sequence, long End) Tail { get; private set; }

    /// <summary>The last segment, when groups can be added to it without any doubt.</summary>
    public ActiveSegment? Appendable { get; private set; }

    public void Run()
    {
        OpenFiles();
        if (Segments.Count == 0)
        {
            _isStructureDamaged = _options.MustExist;
            return;
        }

        foreach (var segment in Segments) ReadOpening(segment);
        CheckForMissing();
        foreach (var segment in Segments.ToArray()) ScanSegment(segment);
        _replay.Complete();
    }

    public SegmentSupply MakeSupply()
    {
        if (Spare is not null) Segments.Remove(Spare);
        return new SegmentSupply(_disk, _options, NextSequence, Spare);
    }

    public GroupWriter MakeWriter(SegmentSupply supply)
    {
        // What the scan accepted may have been in the page cache only; it must be durable before it is vouched for.
        Segments.Find(s => s.Sequence == Tail.Sequence)?.File.Sync();
        return new GroupWriter(supply, Segments, Index, _options.Suspect ? null : Appendable, Tail);
    }

    private void OpenFiles()
    {
        var partial = JournalFormat.SpareName(_options.Name);
        foreach (var name in _disk.List())
        {
            if (name == partial) _disk.Delete(name);
            if (!JournalFormat.TryParseName(_options.Name, name, out var sequence)) continue;

            var file = _disk.Open(name);
            Segments.Add(new JournalSegment(sequence, name, file, file.Length));
            NextSequence = Math.Max(NextSequence, sequence + 1);
        }

        Segments.Sort((a, b) => a.Sequence.CompareTo(b.Sequence));
    }

    private static bool IsWhole(JournalSegment segment) =>
        segment.Bytes % JournalFormat.BlockBytes == 0
        && segment.Bytes >= JournalFormat.DataOffset(segment.Bytes) + JournalFormat.BlockBytes;

    private void ReadOpening(JournalSegment segment)
    {
        if (!IsWhole(segment)) return;

        Span<byte> bytes = stackalloc byte[GroupHeader.Bytes];
        foreach (var offset in (ReadOnlySpan<int>)[segment.DataOffset, JournalFormat.BlockBytes])
        {
            segment.File.ReadMedium(offset, bytes);
            if (!GroupHeader.TryRead(bytes, segment.Sequence, segment.Bytes, out var header)
                || header.Kind != GroupKind.Open || header.Ordinal != 0)
            {
                continue;
            }

            _opens[segment.Sequence] = (header.TailSequence, header.TailEnd);
            return;
        }
    }

    /// <summary>Void: between a segment and the one in which the history before it ends.</summary>
    private bool IsVoid(ulong sequence)
    {
        foreach (var (opened, open) in _opens)
        {
            if (open.TailSequence < sequence && sequence < opened) return true;
        }

        return false;
    }

    private void CheckForMissing()
    {
        for (var i = 1; i < Segments.Count; i++)
        {
            for (var missing = Segments[i - 1].Sequence + 1; missing < Segments[i].Sequence; missing++)
            {
                if (!IsVoid(missing)) _isStructureDamaged = true;
            }
        }
    }

    private long? AcceptedEnd(ulong sequence)
    {
        long? end = null;
        ulong from = 0;
        foreach (var (opened, open) in _opens)
        {
            if (open.TailSequence != sequence || opened < from) continue;
            from = opened;
            end = open.TailEnd;
        }

        return end;
    }

    private unsafe void ScanSegment(JournalSegment segment)
    {
        if (IsVoid(segment.Sequence)) return;
        if (!IsWhole(segment))
        {
            _isStructureDamaged = true;
            return;
        }

        var memory = (byte*)NativeMemory.AlignedAlloc((nuint)segment.Bytes, JournalFormat.BlockBytes);
        try
        {
            var bytes = new Span<byte>(memory, (int)segment.Bytes);
            var got = segment.File.ReadMedium(0, bytes);
            bytes[got..].Clear();
            var scan = new SegmentScan(segment.Sequence, bytes, AcceptedEnd(segment.Sequence));
            scan.Run();
            Take(segment, scan, bytes);
        }
        finally
        {
            NativeMemory.AlignedFree(memory);
        }
    }

    private void Take(JournalSegment segment, SegmentScan scan, ReadOnlySpan<byte> bytes)
    {
        if (scan.IsPristine)
        {
            TakePristine(segment, scan.IsDamaged);
            return;
        }

        // Something was written here, so an earlier prepared segment was passed over: it is no spare any more.
        Spare = null;
        _isStructureDamaged |= scan.IsDamaged;
        DamagedGroups += scan.DamagedGroups;
        foreach (var group in scan.Groups)
        {
            _replay.Apply(group);
            if (group.Header.Count > 0) segment.LastIndex = Math.Max(segment.LastIndex, group.Header.Last);
        }

        // A segment whose opening never became durable is not part of the history, and the tail stays before it.
        if (scan.Groups.Count > 0) Tail = (segment.Sequence, scan.End);
        var isClean = !scan.IsTorn && !scan.IsDamaged && scan.DamagedGroups == 0 && scan.Groups.Count > 0;
        Appendable = isClean
            ? new ActiveSegment(
                segment, bytes.Slice(JournalFormat.BlockBytes, JournalFormat.TableBytes(segment.Bytes)).ToArray(),
                scan.End, scan.Ordinals)
            : null;
    }

    private void TakePristine(JournalSegment segment, bool isHeaderBroken)
    {
        var isUsable = !isHeaderBroken && segment.Bytes == _options.SegmentBytes && segment.Sequence + 1 == NextSequence;
        if (!isUsable || _options.Suspect) return;
        Spare = segment;
    }
}
