using System.Collections.Concurrent;
using Gateway.Replication.Disks;

namespace Gateway.Replication.Journal;

/// <summary>
/// Prepares segments ahead of their use, zero-filled and flushed, and disposes of trimmed ones, so that the journal
/// thread neither waits for this nor meets a full disk in the middle of an append.
/// </summary>
/// <remarks>
/// Threading: one background caller of <see cref="Prepare"/> and one journal thread. The lock is held during the disk's
/// work on purpose: the journal thread takes it only when no segment is ready and it needs the very one being made.
/// </remarks>
internal sealed class SegmentSupply : IDisposable
{
    private const int FillBytes = 1 << 20;
    private const int FlushBytes = 4 << 20;

    private readonly IDisk _disk;
    private readonly JournalLogOptions _options;
    private readonly Lock _gate = new();
    private readonly ConcurrentQueue<JournalSegment> _retired = new();
    private JournalSegment? _spare;
    private ulong _nextSequence;

    /// <param name="spare">A prepared segment found at recovery.</param>
    public SegmentSupply(IDisk disk, JournalLogOptions options, ulong nextSequence, JournalSegment? spare)
    {
        _disk = disk;
        _options = options;
        _nextSequence = nextSequence;
        _spare = spare;
    }

    /// <summary>True when a segment stands ready. Reading it never waits.</summary>
    public bool HasSpare => Volatile.Read(ref _spare) is not null;

    /// <summary>True when <see cref="Prepare"/> has something to do. Reading it never waits.</summary>
    public bool IsDue => !HasSpare || !_retired.IsEmpty;

    public long SegmentBytes => _options.SegmentBytes;

    public long DiskAvailableBytes => _disk.Space.AvailableBytes;

    /// <summary>Makes a spare segment if there is none, and drops retired ones. False when the disk is full.</summary>
    public bool Prepare()
    {
        lock (_gate) return PrepareLocked();
    }

    /// <summary>The next segment, prepared now when the background is late.</summary>
    /// <exception cref="DiskException">The disk is full or failed.</exception>
    public JournalSegment Take()
    {
        if (Interlocked.Exchange(ref _spare, null) is { } ready) return ready;
        lock (_gate)
        {
            if (!PrepareLocked()) throw new DiskException(DiskFault.Full, "There is no room for another journal segment.");
            return Interlocked.Exchange(ref _spare, null)!;
        }
    }

    /// <summary>Hands over trimmed segments, oldest first. The trim must be durable.</summary>
    public void Retire(JournalSegment segment) => _retired.Enqueue(segment);

    public void Dispose()
    {
        lock (_gate)
        {
            _spare?.Dispose();
            while (_retired.TryDequeue(out var segment)) segment.Dispose();
        }
    }

    private bool PrepareLocked()
    {
        if (_spare is null)
        {
            try
            {
                Volatile.Write(ref _spare, MakeSpare());
            }
            catch (DiskException e) when (e.Fault == DiskFault.Full)
            {
                DropPartial();
                return false;
            }
        }

        // One by one, each durable before the next: a gap between the files left would look like a lost segment.
        while (_retired.TryDequeue(out var old))
        {
            old.Dispose();
            _disk.Delete(old.Name);
            _disk.SyncDirectory();
        }

        return true;
    }

    private JournalSegment MakeSpare()
    {
        var partial = JournalFormat.SpareName(_options.Name);
        using (var file = OpenPartial(partial))
        {
            Fill(file);
        }

        var sequence = _nextSequence;
        var name = JournalFormat.SegmentName(_options.Name, sequence);
        _disk.Rename(partial, name);
        _disk.SyncDirectory();
        _nextSequence++;
        return new JournalSegment(sequence, name, _disk.Open(name), _options.SegmentBytes);
    }

    /// <summary>A retired segment keeps its place on the disk: on a full disk a new file might not get one.</summary>
    private IDiskFile OpenPartial(string partial)
    {
        if (!_retired.TryPeek(out var old) || old.Bytes != _options.SegmentBytes) return _disk.Create(partial);

        _retired.TryDequeue(out _);
        old.Dispose();
        _disk.Rename(old.Name, partial);
        _disk.SyncDirectory();
        return _disk.Open(partial);
    }

    /// <summary>Flushes in steps, so that the journal's own flushes do not queue behind the whole segment.</summary>
    private void Fill(IDiskFile file)
    {
        var bytes = _options.SegmentBytes;
        file.Allocate(bytes);
        var zeroes = new byte[(int)Math.Min(FillBytes, bytes)];
        long unflushed = 0;
        for (long at = 0; at < bytes; at += zeroes.Length)
        {
            var count = (int)Math.Min(zeroes.Length, bytes - at);
            file.Write(at, zeroes.AsSpan(0, count));
            unflushed += count;
            if (unflushed < FlushBytes) continue;
            file.Sync();
            unflushed = 0;
        }

        Span<byte> header = stackalloc byte[JournalFormat.HeaderBytes];
        JournalFormat.WriteHeader(header, _nextSequence, bytes);
        file.Write(0, header);
        file.Write(JournalFormat.SecondHeaderOffset, header);
        file.Sync();
    }

    private void DropPartial()
    {
        var partial = JournalFormat.SpareName(_options.Name);
        if (!_disk.List().Contains(partial)) return;
        _disk.Delete(partial);
        _disk.SyncDirectory();
    }
}
