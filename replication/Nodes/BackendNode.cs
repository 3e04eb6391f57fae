using Gateway.Replication.Disks;
using Gateway.Replication.Links;
using Gateway.Replication.Quorum;
using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Nodes;

/// <summary>
/// A backend node: one copy of one volume's journal and slices in a directory, used by the daemon and by the process that
/// runs gateway and nodes together. A <see cref="NodeConnectionHandler"/> brings it requests.
/// </summary>
/// <remarks>
/// Threads of its own: journal, journal segments ahead, slice commits, and a few for reads. On the first failed write
/// or flush, or broken invariant, it acknowledges nothing more and tells <see cref="BackendNodeOptions.Failed"/>.
/// </remarks>
public sealed class BackendNode : IDisposable
{
    private const int ReadThreads = 3;
    private static readonly TimeSpan SpareTick = TimeSpan.FromSeconds(1);

    private readonly BackendNodeOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly NodeDirectory _directory;
    private readonly JournalThread _journal;
    private readonly DiskThreads _reads;
    private readonly Thread _spares;
    private readonly AutoResetEvent _spareWanted = new(false);
    private volatile bool _isStopping;
    private int _hasFailed;
    private int _isDisposed;

    private BackendNode(BackendNodeOptions options, TimeProvider time, ILogger logger)
    {
        _options = options;
        _time = time;
        _logger = logger;
        _directory = NodeDirectory.Open(options, Fail);
        Identity = new NodeIdentity(options.Node, _directory.Superblock.Incarnation);
        var log = _directory.Journal;
        var now = (long)(time.GetTimestamp() * (1e9 / time.TimestampFrequency));
        var core = new NodeCore(
            _directory.Superblock, log,
            new NodeOptions { SuspectDisk = _directory.IsSuspect, FullBelowBytes = FullBelowBytes }, now);

        // Only now does the superblock say so too.
        if (_directory.IsSuspect) SuspectMark.Clear(_directory.Disk);
        LogStart(log.Base.Index, log.LastIndex, log.Damaged.Count);
        _journal = new JournalThread(core, log, _directory.Disk, time, logger, WakeSpares, options.Retired, Fail);
        _reads = new DiskThreads("node reads", ReadThreads);
        Requests = new NodeRequests(
            Identity, _journal,
            new NodeSlices(_directory.Slices, _journal, _reads),
            new NodeInspection(_directory.Slices, _journal, _reads),
            new NodeHealth(_directory.Slices, _journal, () => _hasFailed != 0));
        _spares = new Thread(PrepareSpares) { IsBackground = true, Name = "journal segments" };
        _spares.Start();
    }

    /// <summary>Closes the gap between the room that is counted and the padding that entries need.</summary>
    public const long FullBelowBytes = 2 << 20;

    public NodeIdentity Identity { get; }

    /// <summary>What links may ask; for a <see cref="NodeConnectionHandler"/>.</summary>
    public INodeRequests Requests { get; }

    /// <summary>Opens the node's directory and recovers what is in it.</summary>
    /// <param name="options">Name, directory, cluster.</param>
    /// <param name="time">Its timestamps are the node's boot-time clock (PROTOCOL §2.6).</param>
    /// <param name="logger">For state changes and damage.</param>
    /// <exception cref="DeviceFailedException">The device failed twice within a day.</exception>
    /// <exception cref="NodeStartException">The directory cannot be used.</exception>
    public static BackendNode Open(BackendNodeOptions options, TimeProvider time, ILogger<BackendNode> logger) =>
        new(options, time, logger);

    /// <summary>Finishes what was taken, then closes the directory.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _isDisposed, 1) != 0) return;
        _isStopping = true;
        _journal.Stop();
        _spareWanted.Set();
        if (Thread.CurrentThread != _spares) _spares.Join();
        _reads.Dispose();
        _directory.Dispose();
        _spareWanted.Dispose();
    }

    private void LogStart(ulong baseIndex, ulong lastIndex, int damagedEntries)
    {
        var slices = _directory.Slices.Status;
        Log.Opened(_logger, _options.Node, Identity.Incarnation, _options.DataDirectory, baseIndex + 1, lastIndex, slices.Slices);
        if (_directory.IsSuspect) Log.Suspect(_logger, _options.Node);
        if (damagedEntries > 0 || slices.Damaged > 0) Log.Damage(_logger, _options.Node, damagedEntries, slices.Damaged);
    }

    // After each flush: most of them leave the segments as they are.
    private void WakeSpares()
    {
        if (_directory.Journal.IsSpareDue) _spareWanted.Set();
    }

    /// <summary>Segments are made ready and trimmed ones deleted here, so that no append waits for it.</summary>
    private void PrepareSpares()
    {
        try
        {
            var wasFull = false;
            while (!_isStopping)
            {
                var isFull = !_directory.Journal.PrepareSpare();
                if (isFull && !wasFull) Log.Full(_logger, _options.Node);
                wasFull = isFull;
                _spareWanted.WaitOne(SpareTick);
            }
        }
        catch (DiskException e)
        {
            Fail(e);
        }
    }

    private void Fail(Exception failure)
    {
        if (Interlocked.Exchange(ref _hasFailed, 1) != 0) return;
        Log.Failed(_logger, _options.Node, failure);
        if (_directory is not null) DeviceFailures.TryNote(_directory.Disk, failure, _time);
        _options.Failed(failure);
    }
}
