using System.Buffers;
using System.Runtime.CompilerServices;
using System.Threading.Tasks.Sources;

namespace Gateway.Replication.Wire;

/// <summary>
/// One direction of a link within a process: heads are encoded and decoded as on a socket, payloads are handed over by
/// reference.
/// </summary>
/// <remarks>
/// Threading: frames are posted from any thread, one reader takes them. A reader that waits runs on the thread that
/// posts, so a request that waits for nothing is answered without a change of thread; after
/// <see cref="FramesPerTurn"/> frames it moves on to a thread of its own.
/// </remarks>
internal sealed class FramePipe(int headBytesMax) : IFrameOutput, IFrameInput, IValueTaskSource
{
    /// <summary>Frames that a poster's thread carries for others before it is let go.</summary>
    private const int FramesPerTurn = 16;

    private readonly TaskCompletionSource _sent = new(TaskCreationOptions.RunContinuationsAsynchronously);

    // Guarded by _gate, up to the blank line.
    private readonly Lock _gate = new();
    private readonly Queue<Frame> _frames = new();
    private ManualResetValueTaskSourceCore<bool> _arrival;
    private int _waitingBytes;
    private bool _readerWaits;
    private bool _closed;
    private string? _failure;

    // The reader's.
    private Frame _current;
    private int _framesThisTurn;

    public bool CarriesPayloadChecksums => false;

    public int HeadBytesMax { get; set; } = FrameLimits.HandshakeHeadBytesMax;

    public FrameHeader Header => _current.Header;

    public ReadOnlyMemory<byte> Head => _current.Head.AsMemory(0, _current.Header.HeadBytes);

    public bool TryPost<TMessage>(
        FrameKind kind, ulong requestId, in TMessage message, LentPayload payload = default, uint payloadCrc = 0)
        where TMessage : IWireMessage<TMessage>
    {
        var frame = Encode(kind, requestId, message, payload, payloadCrc);
        bool wake;
        lock (_gate)
        {
            // As on a socket, a frame is taken when nothing waits, however large.
            var bytes = FrameHeader.Bytes + frame.Header.HeadBytes;
            if (_closed || _waitingBytes != 0 && _waitingBytes + bytes > headBytesMax)
            {
                frame.ReturnHead();
                return false;
            }

            _waitingBytes += bytes;
            _frames.Enqueue(frame);
            wake = TakeWaiter();
        }

        if (payload.IsEmpty) payload.Release();
        if (wake) _arrival.SetResult(true);
        return true;
    }

    public ValueTask FlushAsync(CancellationToken cancellation) => ValueTask.CompletedTask;

    public async Task RunAsync(CancellationToken cancellation)
    {
        try
        {
            await _sent.Task.WaitAsync(cancellation);
            if (_failure is not null) throw new IOException(_failure);
        }
        finally
        {
            Close();
        }
    }

    /// <remarks>What was posted can still be read.</remarks>
    public void Close()
    {
        bool wake;
        lock (_gate)
        {
            _closed = true;
            wake = TakeWaiter();
        }

        _sent.TrySetResult();
        if (wake) _arrival.SetResult(true);
    }

    public void Fail(string cause)
    {
        lock (_gate)
        {
            if (!_closed) _failure = cause;
        }

        Close();
    }

    /// <summary>By the reader when it has ended: nothing more is taken, and what waits is released.</summary>
    public void Abandon()
    {
        Fail("the peer closed the link");
        Frame[] rest;
        lock (_gate)
        {
            rest = [_current, .. _frames];
            _current = default;
            _frames.Clear();
        }

        foreach (var frame in rest) frame.Drop();
    }

    [AsyncMethodBuilder(typeof(PoolingAsyncValueTaskMethodBuilder<>))]
    public async ValueTask<bool> ReadHeadAsync(CancellationToken cancellation)
    {
        _current.Drop();
        _current = default;
        if (++_framesThisTurn > FramesPerTurn)
        {
            _framesThisTurn = 0;
            await Task.Yield();
        }

        while (true)
        {
            cancellation.ThrowIfCancellationRequested();
            ValueTask arrival;
            lock (_gate)
            {
                if (_frames.TryDequeue(out _current))
                {
                    _waitingBytes -= FrameHeader.Bytes + _current.Header.HeadBytes;
                    break;
                }

                if (_closed) return false;
                _arrival.Reset();
                _readerWaits = true;
                arrival = new ValueTask(this, _arrival.Version);
            }

            using var registration = cancellation.UnsafeRegister(static pipe => ((FramePipe)pipe!).Wake(), this);
            await arrival.ConfigureAwait(false);
            _framesThisTurn = 0;
        }

        _current.Header.Check(HeadBytesMax);
        return true;
    }

    public ValueTask<LentPayload> TakePayloadAsync(CancellationToken cancellation)
    {
        var payload = _current.Payload;
        _current = _current with { Payload = default };
        payload.Lender?.PayloadTaken();
        return new(payload);
    }

    void IValueTaskSource.GetResult(short token) => _arrival.GetResult(token);

    ValueTaskSourceStatus IValueTaskSource.GetStatus(short token) => _arrival.GetStatus(token);

    void IValueTaskSource.OnCompleted(
        Action<object?> continuation, object? state, short token, ValueTaskSourceOnCompletedFlags flags) =>
        _arrival.OnCompleted(continuation, state, token, flags);

    private static Frame Encode<TMessage>(
        FrameKind kind, ulong requestId, in TMessage message, LentPayload payload, uint payloadCrc)
        where TMessage : IWireMessage<TMessage>
    {
        using var writer = new WireWriter(256);
        message.Write(writer);
        var isKept = FrameKinds.ToRequest(kind) == FrameKind.Journal;
        var head = isKept ? new byte[writer.Bytes] : ArrayPool<byte>.Shared.Rent(writer.Bytes);
        writer.Written.CopyTo(head);
        return new Frame(
            new FrameHeader(writer.Bytes, 0, requestId, kind, payload.Length, payloadCrc), head, isKept, payload);
    }

    private void Wake()
    {
        bool wake;
        lock (_gate) wake = TakeWaiter();
        if (wake) _arrival.SetResult(true);
    }

    // Under the gate: true for the one that is to wake the reader.
    private bool TakeWaiter()
    {
        var waits = _readerWaits;
        _readerWaits = false;
        return waits;
    }

    private readonly record struct Frame(FrameHeader Header, byte[]? Head, bool HeadIsKept, LentPayload Payload)
    {
        public void Drop()
        {
            ReturnHead();
            Payload.Release();
        }

        public void ReturnHead()
        {
            if (Head is not null && !HeadIsKept) ArrayPool<byte>.Shared.Return(Head);
        }
    }
}
