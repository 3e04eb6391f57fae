using Gateway.Replication.Disks;

namespace Gateway.Replication.Slices;

/// <summary>Counters of a <see cref="SliceStore"/>. Bytes are those of the slices, without headers.</summary>
public readonly record struct SliceStoreStatus(
    long Slices, long SliceBytes, int Damaged, long DamageFound, long DamageRepaired, long AvailableBytes, long CompactedBytes);

/// <summary>
/// The slices of one node (PROTOCOL §5): append-only segment files, groups of waiting slices made durable by one flush, an
/// index in memory.
/// </summary>
/// <remarks>
/// Threading: all members from any thread. Reads, verification and scrubbing work on the caller's thread and block on
/// the disk; writes are done by the store's commit thread. After a failed write or flush every call answers
/// <see cref="SliceOutcome.Failed"/>, and the owner of the process has been told to end it.
/// A discard takes effect at once and is recorded with the next group, or within a second; the slice can only come
/// back if the process dies before, and then the owner's inventory discards it again.
/// </remarks>
public sealed class SliceStore : IDisposable
{
    /// <summary>Writes waiting for the commit thread; links bound their bytes.</summary>
    public const int QueuedWritesMax = 256;

    private static readonly TimeSpan Tick = TimeSpan.FromMilliseconds(500);

    private readonly IDisk _disk;
    private readonly SliceStoreOptions _options;
    private readonly Action<Exception> _failed;
    private readonly SliceCatalog _catalog = new();
    private readonly SliceReader _reader;
    private readonly WorkQueue<SliceWrite> _queue = new(QueuedWritesMax);
    private readonly SliceCommitLoop _loop;
    private readonly Thread _thread;
    private volatile bool _isFailed;
    private long _availableBytes;

    private SliceStore(IDisk disk, SliceStoreOptions options, Action<Exception> failed)
    {
        _disk = disk;
        _options = options;
        _failed = failed;
        _reader = new SliceReader(_catalog);
        var writer = new SliceWriter(disk, options, _catalog);
        SliceRecovery.Run(disk, options, _catalog, writer);
        _loop = new SliceCommitLoop(_catalog, writer, new SliceCompaction(options, _catalog, writer, _reader));
        _availableBytes = writer.AvailableBytes;
        _thread = new Thread(Run) { IsBackground = true, Name = "slices" };
        _thread.Start();
    }

    public SliceStoreStatus Status
    {
        get
        {
            var (count, bytes, damaged) = _catalog.Totals;
            return new SliceStoreStatus(
                count, bytes, damaged, _catalog.DamageFound, _catalog.DamageRepaired, AvailableBytes, _loop.CompactedBytes);
        }
    }

    /// <summary>Room for slices beyond the reserve, as of the last group.</summary>
    public long AvailableBytes => Volatile.Read(ref _availableBytes);

    public DiskSpace DiskSpace => _disk.Space;

    public long ReserveBytes => _options.ReserveBytes;

    /// <summary>Recovers the slices from their segments, or starts with none.</summary>
    /// <param name="disk">Where the segments are.</param>
    /// <param name="options">Shape and limits.</param>
    /// <param name="failed">Called once when the disk failed: the process must end.</param>
    /// <exception cref="DiskException">The disk failed.</exception>
    public static SliceStore Open(IDisk disk, SliceStoreOptions options, Action<Exception> failed) =>
        new(disk, options, failed);

    /// <summary>Stores a slice; completes when it is durable, with Ok, NoSpace, Absent (it was discarded) or Failed.</summary>
    /// <param name="volume">Kept with the slice.</param>
    /// <param name="slice">Identity and checksum; the bytes are checked against it.</param>
    /// <param name="data">Stays unchanged until the task completes.</param>
    /// <param name="replaces">A repair: writes a new copy even when there is one.</param>
    /// <param name="cancellation">Honoured until the write is queued.</param>
    public async ValueTask<SliceOutcome> WriteAsync(
        Guid volume, SliceRef slice, ReadOnlyMemory<byte> data, bool replaces, CancellationToken cancellation = default)
    {
        var write = new SliceWrite(volume, slice, data, replaces);
        if (_isFailed || !await _queue.PostAsync(write, cancellation)) return SliceOutcome.Failed;

        return await write.Done;
    }

    /// <summary>Reads whole blocks of a slice; checks every block. Blocks.</summary>
    /// <param name="slice">The slice as its row names it.</param>
    /// <param name="offset">A multiple of <see cref="SliceLimits.BlockBytes"/>.</param>
    /// <param name="destination">Whole blocks, or to the slice's end.</param>
    /// <param name="blockCrcs">Empty, or room for the checksums of all blocks of the slice.</param>
    public SliceOutcome Read(SliceRef slice, int offset, Span<byte> destination, Span<uint> blockCrcs) =>
        _isFailed ? SliceOutcome.Failed : _reader.Read(slice, offset, destination, blockCrcs);

    /// <summary>
    /// Like <see cref="Read"/>, but never blocks and does not check the bytes: for a reader who does. Null when the
    /// bytes are not in memory, or need a closer look.
    /// </summary>
    public SliceOutcome? TryReadCached(SliceRef slice, int offset, Span<byte> destination, Span<uint> blockCrcs) =>
        _isFailed ? SliceOutcome.Failed : _reader.TryReadCached(slice, offset, destination, blockCrcs);

    /// <summary>Reads a whole copy from the medium and checks it. Blocks.</summary>
    /// <param name="id">The slice.</param>
    /// <param name="buffer">Room for the longest slice.</param>
    public StoredSlice Verify(SliceId id, Span<byte> buffer)
    {
        return _isFailed
            ? new StoredSlice(SliceOutcome.Failed, 0, 0)
            : _reader.Verify(id, out _, out _, buffer);
    }

    /// <summary>Frees slices that nothing can refer to any more. Unknown ones are passed over.</summary>
    public void Discard(ReadOnlySpan<SliceId> slices) => _loop.Discard(slices);

    /// <summary>Runs of intact slices in ascending order, from an id on; false when there are more than asked for.</summary>
    public bool Inventory(SliceId from, int runsMax, List<(SliceId First, ulong Count)> runs) =>
        _catalog.ListRuns(from, runsMax, runs);

    /// <summary>Checks slices on the medium from an id on, until about so many bytes were read. Blocks.</summary>
    /// <param name="from">First id.</param>
    /// <param name="bytesMax">Stop after.</param>
    /// <param name="damagedMax">Stop after so many damaged ones.</param>
    /// <param name="damaged">Receives the damaged ones, those known before included.</param>
    /// <param name="bytesRead">Bytes read.</param>
    /// <returns>Where to go on; the default value at the end.</returns>
    public SliceId Scrub(SliceId from, long bytesMax, int damagedMax, List<SliceId> damaged, out long bytesRead)
    {
        bytesRead = 0;
        return _isFailed ? default : _reader.Scrub(from, bytesMax, damagedMax, damaged, out bytesRead);
    }

    public void Dispose()
    {
        _queue.Close();
        if (Thread.CurrentThread != _thread) _thread.Join();
        _catalog.Close();
    }

    private void Run()
    {
        var group = new List<SliceWrite>();
        try
        {
            while (_queue.Wait(Tick))
            {
                Collect(group);
                _loop.Commit(group);
                Volatile.Write(ref _availableBytes, _loop.AvailableBytes);
                foreach (var write in group) write.Complete(write.Outcome!.Value);
                group.Clear();
                _loop.KeepHouse();
            }

            _loop.Commit(group);
        }
        catch (Exception e)
        {
            _isFailed = true;
            _queue.Close();
            foreach (var write in group) write.Complete(SliceOutcome.Failed);
            while (_queue.TryTake(out var write)) write.Complete(SliceOutcome.Failed);
            _failed(e);
        }
    }

    private void Collect(List<SliceWrite> group)
    {
        long bytes = 0;
        while (bytes < _options.GroupBytesMax && _queue.TryTake(out var write))
        {
            group.Add(write);
            bytes += write.Data.Length;
        }
    }
}
