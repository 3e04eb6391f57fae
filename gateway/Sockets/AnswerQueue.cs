using System.Net.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Gateway.Sockets;

/// <summary>
/// The requests of one connection from their start until what answers them has left, and the sending of the answers.
/// </summary>
/// <typeparam name="T">What is sent: bytes, and the request they answer.</typeparam>
/// <remarks>
/// Threading: requests are admitted by the reader and answered on any thread. One thread at a time is the sender: it sends
/// everything that is ready, in one system call where possible, until nothing is. What answers meanwhile only queues.
/// Bounded by the limits the reader asks about with <see cref="HasRoom"/> before it admits.
/// </remarks>
internal abstract class AnswerQueue<T> : IDisposable
{
    /// <summary>Answers held back for one system call while the reader starts the requests behind them.</summary>
    private const int HeldAnswersMax = 64;

    private const int HeldBytesMax = 128 << 10;

    /// <summary>Answers that a client does not take; it is gone, whatever its socket says.</summary>
    private const int ReadyAnswersMax = 16_384;

    private static readonly BlockSource Blocks = new(TransferBuffers.Shared.Rent, TransferBuffers.Shared.Return);

    private readonly BatchSender _sender;
    private readonly Action _abort;
    private readonly TimeProvider _time;

    // Guarded by _gate, up to the blank line.
    private readonly Lock _gate = new();
    private List<T> _ready = [];
    private long _readyBytes;
    private int _outstanding;
    private int _suspended;
    private long _outstandingBytes;
    private bool _sending;
    private bool _aborted;
    private long _roomWanted;
    private TaskCompletionSource? _room;
    private TaskCompletionSource? _drained;

    // Owned by the sender.
    private List<T> _batch = [];
    private int _batchFrom;
    private int _batchEnd;

    private int _holdingThread;
    private long _sendingSince;

    /// <param name="connection">Its socket takes the answers.</param>
    /// <param name="abort">Ends the connection; may be called more than once.</param>
    /// <param name="time">For <see cref="SendingSince"/>.</param>
    protected AnswerQueue(ConnectionContext connection, Action abort, TimeProvider time)
    {
        (_abort, _time) = (abort, time);
        _sender = new BatchSender(connection.Features.Get<IConnectionSocketFeature>()!.Socket, Blocks, OnSent);
    }

    /// <summary>When the send that is under way began, 0 when none is.</summary>
    public long SendingSince => Volatile.Read(ref _sendingSince);

    /// <summary>True when what was sent is not acknowledged, and nothing has been for this long.</summary>
    public bool IsPeerSilent(TimeSpan time) => _sender.IsPeerSilent(time);

    public bool IsIdle
    {
        get
        {
            lock (_gate) return _outstanding == 0;
        }
    }

    /// <summary>True when a further request with this many bytes is within the connection's limits.</summary>
    public bool HasRoom(long bytes)
    {
        lock (_gate) return Fits(bytes);
    }

    /// <summary>Completes when there is room; cancelled when the connection aborts. One waiter: the reader.</summary>
    public Task RoomAsync(long bytes)
    {
        lock (_gate)
        {
            if (_aborted) return Task.FromCanceled(new CancellationToken(canceled: true));
            if (Fits(bytes)) return Task.CompletedTask;

            _roomWanted = bytes;
            _room = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _room.Task;
        }
    }

    /// <summary>Answers given on this thread from now on wait for <see cref="Flush"/>, within bounds.</summary>
    public void BeginHold() => Volatile.Write(ref _holdingThread, Environment.CurrentManagedThreadId);

    public void EndHold() => Volatile.Write(ref _holdingThread, 0);

    /// <summary>Sends the answer, now or together with others; false when the connection has ended.</summary>
    public bool Send(in T answer)
    {
        var send = false;
        bool overflows, dropped;
        lock (_gate)
        {
            overflows = _ready.Count >= ReadyAnswersMax;
            dropped = _aborted || overflows;
            if (!dropped)
            {
                _ready.Add(answer);
                _readyBytes += BytesOf(answer).Count;
                var held = _ready.Count < HeldAnswersMax
                    && _readyBytes < HeldBytesMax
                    && Volatile.Read(ref _holdingThread) == Environment.CurrentManagedThreadId;
                send = !_sending && !held;
                if (send) _sending = true;
            }
        }

        if (dropped) Release(End(answer));
        if (overflows) _abort();
        if (send) SendReady();
        return !dropped;
    }

    /// <summary>Sends what is held back.</summary>
    public void Flush()
    {
        lock (_gate)
        {
            if (_sending || _ready.Count == 0) return;
            _sending = true;
        }

        SendReady();
    }

    /// <summary>Completes when all admitted requests have ended and their answers have left.</summary>
    public Task DrainAsync()
    {
        Flush();
        lock (_gate)
        {
            if (_outstanding == 0) return Task.CompletedTask;

            _drained ??= new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _drained.Task;
        }
    }

    /// <summary>Answers are dropped from now on, and nobody waits for room.</summary>
    public void Abort()
    {
        TaskCompletionSource? room;
        lock (_gate)
        {
            _aborted = true;
            (room, _room) = (_room, null);
        }

        room?.TrySetCanceled();
    }

    public void Dispose() => _sender.Dispose();

    /// <summary>Counts a request in; it must be answered or released exactly once.</summary>
    protected void Admit(long bytes)
    {
        lock (_gate)
        {
            _outstanding++;
            _outstandingBytes += bytes;
        }
    }

    /// <summary>
    /// A request is going to wait for something else than this connection: it counts for the limits no more, so that those
    /// behind it do not wait for its end.
    /// </summary>
    protected void Suspend(long bytes)
    {
        TaskCompletionSource? room;
        lock (_gate)
        {
            _suspended++;
            _outstandingBytes -= bytes;
            room = TakeFittingRoom();
        }

        room?.TrySetResult();
    }

    /// <summary>What ended is over.</summary>
    protected void Release(in EndedRequests ended)
    {
        if (ended.Count == 0) return;

        TaskCompletionSource? room, drained = null;
        lock (_gate)
        {
            _outstanding -= ended.Count;
            _suspended -= ended.Suspended;
            _outstandingBytes -= ended.Bytes;
            room = TakeFittingRoom();
            if (_outstanding == 0) (drained, _drained) = (_drained, null);
        }

        room?.TrySetResult();
        drained?.TrySetResult();
    }

    protected void AbortConnection() => _abort();

    protected abstract ArraySegment<byte> BytesOf(in T answer);

    /// <summary>Whether the connection may have this many requests running, with this many bytes.</summary>
    protected abstract bool Allows(int requests, long bytes);

    /// <summary>The answer has left or is dropped: its memory is given back, and the request's that it ends.</summary>
    protected abstract EndedRequests End(in T answer);

    /// <summary>For the statistics.</summary>
    protected abstract void NoteSent(long bytes);

    // A single request is always admitted, however large.
    private bool Fits(long bytes) =>
        _outstanding == _suspended || Allows(_outstanding + 1, _outstandingBytes + bytes);

    private TaskCompletionSource? TakeFittingRoom()
    {
        if (_room is null || !Fits(_roomWanted)) return null;

        var room = _room;
        _room = null;
        return room;
    }

    // Runs while its caller has set _sending.
    private void SendReady()
    {
        while (TryFillBatch())
        {
            Volatile.Write(ref _sendingSince, _time.GetTimestamp());
            if (!_sender.Send(out var result)) return;
            FinishBatch(result);
        }
    }

    private void OnSent(SocketError result)
    {
        FinishBatch(result);
        SendReady();
    }

    private bool TryFillBatch()
    {
        if (_batchEnd == _batch.Count)
        {
            _batch.Clear();
            _batchEnd = 0;
            lock (_gate)
            {
                if (_ready.Count == 0)
                {
                    _sending = false;
                    return false;
                }

                (_ready, _batch) = (_batch, _ready);
                _readyBytes = 0;
            }
        }

        _batchFrom = _batchEnd;
        var alone = _batch.Count - _batchFrom == 1;
        while (_batchEnd < _batch.Count && _sender.TryAdd(BytesOf(_batch[_batchEnd]), alone)) _batchEnd++;
        return true;
    }

    private void FinishBatch(SocketError result)
    {
        Volatile.Write(ref _sendingSince, 0);
        NoteSent(_sender.Bytes);
        _sender.Clear();
        if (result != SocketError.Success) _abort();

        var ended = default(EndedRequests);
        for (var i = _batchFrom; i < _batchEnd; i++) ended += End(_batch[i]);
        Release(ended);
    }
}

/// <summary>Requests that are over, and the bytes they were admitted with unless they were suspended.</summary>
internal readonly record struct EndedRequests(int Count, int Suspended, long Bytes)
{
    public static EndedRequests operator +(EndedRequests left, EndedRequests right) =>
        new(left.Count + right.Count, left.Suspended + right.Suspended, left.Bytes + right.Bytes);
}
