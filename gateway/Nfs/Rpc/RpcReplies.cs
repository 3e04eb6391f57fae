using System.Net.Sockets;
using Gateway.Sockets;
using Microsoft.AspNetCore.Connections;
using Microsoft.AspNetCore.Connections.Features;

namespace Gateway.Nfs.Rpc;

/// <summary>The calls of one connection from their start until their reply has left, and the sending of the replies.</summary>
/// <remarks>
/// Threading: calls are admitted by the reader and answered on any thread. One thread at a time is the sender: it sends
/// everything that is ready, in one system call where possible, until nothing is. What answers meanwhile only queues.
/// Bounded by the limits the reader asks about with <see cref="HasRoom"/> before it admits.
/// </remarks>
internal sealed class RpcReplies : IDisposable
{
    /// <summary>Replies held back for one system call while the reader starts the calls behind them.</summary>
    private const int HeldRepliesMax = 64;

    private const int HeldBytesMax = 128 << 10;

    private static readonly BlockSource Blocks = new(TransferBuffers.Shared.Rent, TransferBuffers.Shared.Return);

    private readonly RpcServerState _server;
    private readonly BatchSender _sender;
    private readonly Action _abort;

    // Guarded by _gate, up to the blank line.
    private readonly Lock _gate = new();
    private List<RpcContext> _ready = [];
    private long _readyBytes;
    private int _outstanding;
    private long _outstandingBytes;
    private bool _sending;
    private bool _aborted;
    private long _roomWanted;
    private TaskCompletionSource? _room;
    private TaskCompletionSource? _drained;

    // Owned by the sender.
    private List<RpcContext> _batch = [];
    private int _batchFrom;
    private int _batchEnd;

    private int _holdingThread;
    private long _sendingSince;

    public RpcReplies(RpcServerState server, ConnectionContext connection, Action abort)
    {
        _server = server;
        _abort = abort;
        _sender = new BatchSender(connection.Features.Get<IConnectionSocketFeature>()!.Socket, Blocks, OnSent);
    }

    /// <summary>When the send that is under way began, 0 when none is.</summary>
    public long SendingSince => Volatile.Read(ref _sendingSince);

    public bool IsIdle
    {
        get
        {
            lock (_gate) return _outstanding == 0;
        }
    }

    /// <summary>True when a further call with this many bytes is within the connection's limits.</summary>
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

    /// <summary>Counts the call in; it must be answered or forgotten exactly once.</summary>
    public void Admit(RpcContext call)
    {
        lock (_gate)
        {
            _outstanding++;
            _outstandingBytes += call.RequestCharge + call.ReplyCharge;
        }
    }

    /// <summary>Answers given on this thread from now on wait for <see cref="Flush"/>, within bounds.</summary>
    public void BeginHold() => Volatile.Write(ref _holdingThread, Environment.CurrentManagedThreadId);

    public void EndHold() => Volatile.Write(ref _holdingThread, 0);

    /// <summary>Sends the sealed reply of the call, now or together with others.</summary>
    public void Answer(RpcContext call)
    {
        var send = false;
        var dropped = false;
        lock (_gate)
        {
            dropped = _aborted;
            if (!dropped)
            {
                _ready.Add(call);
                _readyBytes += call.Output.Record.Count;
                var held = _ready.Count < HeldRepliesMax
                    && _readyBytes < HeldBytesMax
                    && Volatile.Read(ref _holdingThread) == Environment.CurrentManagedThreadId;
                send = !_sending && !held;
                if (send) _sending = true;
            }
        }

        if (dropped)
            Forget(call);
        else if (send)
            Send();
    }

    /// <summary>Ends a call that gets no reply.</summary>
    public void Forget(RpcContext call) => Release(1, Recycle(call));

    /// <summary>Sends what is held back.</summary>
    public void Flush()
    {
        lock (_gate)
        {
            if (_sending || _ready.Count == 0) return;
            _sending = true;
        }

        Send();
    }

    /// <summary>Completes when all admitted calls have ended and their replies have left.</summary>
    public Task DrainAsync()
    {
        Flush();
        lock (_gate)
        {
            if (_outstanding == 0) return Task.CompletedTask;

            _drained = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
            return _drained.Task;
        }
    }

    /// <summary>Replies are dropped from now on, and nobody waits for room.</summary>
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

    // A single request is always admitted, however large.
    private bool Fits(long bytes) =>
        _outstanding == 0
        || (_outstanding < _server.Limits.ConnectionRequestsMax
            && _outstandingBytes + bytes <= _server.ConnectionShareBytes);

    // Runs while its caller has set _sending.
    private void Send()
    {
        while (TryFillBatch())
        {
            Volatile.Write(ref _sendingSince, _server.Time.GetTimestamp());
            if (!_sender.Send(out var result)) return;
            FinishBatch(result);
        }
    }

    private void OnSent(SocketError result)
    {
        FinishBatch(result);
        Send();
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
        while (_batchEnd < _batch.Count && _sender.TryAdd(_batch[_batchEnd].Output.Record, alone)) _batchEnd++;
        return true;
    }

    private void FinishBatch(SocketError result)
    {
        Volatile.Write(ref _sendingSince, 0);
        _server.Metrics.RpcSent(_sender.Bytes);
        _sender.Clear();
        if (result != SocketError.Success) _abort();

        long bytes = 0;
        for (var i = _batchFrom; i < _batchEnd; i++) bytes += Recycle(_batch[i]);
        Release(_batchEnd - _batchFrom, bytes);
    }

    private long Recycle(RpcContext call)
    {
        long bytes = call.RequestCharge + call.ReplyCharge;
        _server.Discard(call);
        return bytes;
    }

    private void Release(int count, long bytes)
    {
        TaskCompletionSource? room = null, drained = null;
        lock (_gate)
        {
            _outstanding -= count;
            _outstandingBytes -= bytes;
            if (_room is not null && Fits(_roomWanted)) (room, _room) = (_room, null);
            if (_outstanding == 0) drained = _drained;
        }

        room?.TrySetResult();
        drained?.TrySetResult();
    }
}
