using Gateway.Replication.Disks;
using Gateway.Replication.Journal;
using Gateway.Replication.Links;
using Gateway.Replication.Quorum;
using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Nodes;

/// <summary>
/// Runs one volume's <see cref="NodeCore"/>: takes all waiting requests, steps through them, flushes once, and only then
/// sends the replies (PROTOCOL I6). Standbys are answered behind them.
/// </summary>
internal sealed class JournalThread
{
    /// <summary>Requests waiting; owners send again what is dropped.</summary>
    public const int QueuedRequestsMax = 4096;

    private const int BatchRequestsMax = 512;
    private static readonly TimeSpan StallAfter = TimeSpan.FromSeconds(10);
    private static readonly TimeSpan SpaceAge = TimeSpan.FromSeconds(1);

    private readonly NodeCore _core;
    private readonly JournalLog _log;
    private readonly IDisk _disk;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Action<Exception> _failed;
    private readonly Action _flushed;
    private readonly Action _retired;
    private readonly WorkQueue<JournalWork> _queue = new(QueuedRequestsMax);

    private readonly List<(NodeReply Reply, ulong RequestId, IJournalReplies Replies)> _replies = [];
    private readonly List<Action> _inspected = [];
    private readonly TailWaits _tails;
    private readonly Thread _thread;
    private long _flushStarted;
    private long _spaceRead = long.MinValue / 2;
    private long _flushes;
    private long _flushedBytes;
    private double _flushMicroseconds;
    private int _alarms;
    private bool _isRetired;

    public JournalThread(
        NodeCore core, JournalLog log, IDisk disk, TimeProvider time, ILogger logger, Action flushed,
        Action retired, Action<Exception> failed)
    {
        (_core, _log, _disk, _time, _logger) = (core, log, disk, time, logger);
        (_flushed, _retired, _failed) = (flushed, retired, failed);
        _tails = new TailWaits(core);
        RefreshSpace();
        Snapshot = Publish();
        _thread = new Thread(Run) { IsBackground = true, Name = "journal" };
        _thread.Start();
    }

    public JournalSnapshot Snapshot { get => Volatile.Read(ref field); private set => Volatile.Write(ref field, value); }

    /// <summary>A flush has been running for more than 10 seconds (PROTOCOL §2.9).</summary>
    public bool IsStalled =>
        Volatile.Read(ref _flushStarted) is var started and not 0 && _time.GetElapsedTime(started) > StallAfter;

    public bool TryPost(in JournalWork work) => _queue.TryPost(work);

    /// <summary>Runs the inspection on the journal thread; it may read the log and must be short.</summary>
    public async Task<TResult> InspectAsync<TResult>(Func<JournalLog, TResult> inspect, CancellationToken cancellation)
    {
        var done = new TaskCompletionSource<TResult>(TaskCreationOptions.RunContinuationsAsynchronously);
        await using var registration = cancellation.Register(() => done.TrySetCanceled(cancellation));
        var isOpen = await _queue.PostAsync(new JournalWork(null, 0, null, Inspect), cancellation);
        ObjectDisposedException.ThrowIf(!isOpen, this);
        return await done.Task;

        Action Inspect(JournalLog log)
        {
            var result = inspect(log);
            return () => done.TrySetResult(result);
        }
    }

    public void Stop()
    {
        _queue.Close();
        if (Thread.CurrentThread != _thread) _thread.Join();
    }

    private void Run()
    {
        try
        {
            NoticeRetirement();
            while (_queue.Wait(_tails.UntilDue(Now()))) RunBatch();
        }
        catch (Exception e)
        {
            // Nothing is known any more: no reply leaves, the queue takes nothing, the process ends.
            _queue.Close();
            _failed(e);
        }
    }

    private void Step(in JournalWork work)
    {
        if (work.Request is TailRequest tail)
        {
            _tails.Add(tail, work.RequestId, work.Replies!, Now());
            return;
        }

        RefreshSpace();
        _replies.Add((_core.Step(work.Request!, Now()), work.RequestId, work.Replies!));
    }

    private void RunBatch()
    {
        var damagedBefore = _log.Damaged.Count;
        for (var i = 0; i < BatchRequestsMax && _queue.TryTake(out var work); i++)
        {
            if (work.Inspect is not null) _inspected.Add(work.Inspect(_log));
            else Step(work);
        }

        if (_log.Damaged.Count > damagedBefore) _core.NoticeDamage();
        Flush();
        foreach (var (reply, requestId, replies) in _replies) replies.Reply(requestId, reply);
        _replies.Clear();
        foreach (var complete in _inspected) complete();
        _inspected.Clear();
        _tails.Serve(Now());
        NoticeRetirement();
        if (_core.Alarms != _alarms) Log.Alarm(_logger, _alarms = _core.Alarms, _core.LastAlarm);
    }

    private void NoticeRetirement()
    {
        if (_isRetired || _core.State is not { Retired: true }) return;

        _isRetired = true;
        _retired();
    }

    private void Flush()
    {
        var started = _time.GetTimestamp();
        Volatile.Write(ref _flushStarted, started);
        var bytes = _core.Flush();
        Volatile.Write(ref _flushStarted, 0);
        if (bytes > 0)
        {
            var elapsed = _time.GetElapsedTime(started);
            _core.Stalled = elapsed > StallAfter;
            if (_core.Stalled) Log.SlowFlush(_logger, elapsed.TotalSeconds);
            _flushMicroseconds += (elapsed.TotalMicroseconds - _flushMicroseconds) / 16;
            _flushes++;
            _flushedBytes += bytes;
            _flushed();
        }

        Snapshot = Publish();
    }

    /// <summary>
    /// An entry is refused before a write can fail: what counts is the room in segments that exist, and in those that
    /// can still be made.
    /// </summary>
    private void RefreshSpace()
    {
        var total = _core.Space.TotalBytes;
        if (total == 0 || _time.GetElapsedTime(_spaceRead) > SpaceAge)
        {
            total = _disk.Space.TotalBytes;
            _spaceRead = _time.GetTimestamp();
        }

        _core.Space = new DiskSpace(total, _log.AppendableBytes);
    }

    private long Now() => (long)(_time.GetTimestamp() * (1e9 / _time.TimestampFrequency));

    private JournalSnapshot Publish() => new()
    {
        State = _core.State,
        BaseIndex = _log.Base.Index,
        LastIndex = _log.LastIndex,
        CommitHint = _core.CommitHint,
        DamagedEntries = _log.Damaged.Count,
        DamageFound = _log.DamageFound,
        DamageRepaired = _log.DamageRepaired,
        Alarms = _core.Alarms,
        FlushedBytes = _flushedBytes,
        Flushes = _flushes,
        FlushMicroseconds = (int)_flushMicroseconds,
    };
}
