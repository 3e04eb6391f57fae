using System.Net.Sockets;

namespace Gateway.Sockets;

/// <summary>Gathers replies that are ready and sends them with one system call, straight to the connection's socket.</summary>
/// <remarks>
/// The transport's output pipe would copy every READ once more and hop to another thread. Nobody else writes to the
/// socket: the pipe stays empty. Small replies are put together in one block, large ones go from their own memory.
/// Threading: one batch at a time, by whoever the connection made its sender.
/// </remarks>
internal sealed class BatchSender(Socket socket, BlockSource blocks, Action<SocketError> sent)
    : SocketAsyncEventArgs(true)
{
    /// <summary>More segments would make the runtime allocate for each call.</summary>
    private const int SegmentsMax = 8;

    private const int BatchBytesMax = 2 << 20;
    private const int BlockBytes = 64 << 10;
    private const int CopiedBytesMax = 8 << 10;

    private readonly List<ArraySegment<byte>> _segments = new(SegmentsMax);
    private byte[]? _block;
    private int _blockUsed;
    private int _blockStart;
    private long _bytes;

    /// <summary>Bytes of the batch.</summary>
    public long Bytes => _bytes;

    /// <inheritdoc cref="TcpSilence.IsOf"/>
    public bool IsPeerSilent(TimeSpan time) => TcpSilence.IsOf(socket, time);

    /// <summary>Adds a reply; false when the batch is full. The first one always fits.</summary>
    public bool TryAdd(ArraySegment<byte> record, bool alone)
    {
        if (_bytes > 0 && _bytes + record.Count > BatchBytesMax) return false;

        if (alone || record.Count > CopiedBytesMax)
        {
            // The block's open stretch becomes a segment too, hence two.
            if (_segments.Count + 2 > SegmentsMax) return false;
            CloseStretch();
            _segments.Add(record);
        }
        else
        {
            _block ??= blocks.Rent(BlockBytes);
            if (_blockUsed + record.Count > _block.Length || _segments.Count + 1 > SegmentsMax) return false;
            record.AsSpan().CopyTo(_block.AsSpan(_blockUsed));
            _blockUsed += record.Count;
        }

        _bytes += record.Count;
        return true;
    }

    /// <summary>Sends the batch. True: done, look at the result; false: the callback will be called.</summary>
    public bool Send(out SocketError result)
    {
        CloseStretch();
        if (_segments.Count == 1)
        {
            if (BufferList is not null) BufferList = null;
            SetBuffer(_segments[0].Array, _segments[0].Offset, _segments[0].Count);
        }
        else
        {
            if (Buffer is not null) SetBuffer(null, 0, 0);
            BufferList = _segments;
        }

        result = SocketError.Success;
        try
        {
            if (socket.SendAsync(this)) return false;
            result = SocketError;
        }
        catch (ObjectDisposedException)
        {
            result = SocketError.OperationAborted;
        }

        return true;
    }

    /// <summary>Forgets the batch once it has been sent or given up.</summary>
    public void Clear()
    {
        if (_block is not null) blocks.Return(_block);
        _block = null;
        _blockUsed = _blockStart = 0;
        _bytes = 0;
        _segments.Clear();
    }

    protected override void OnCompleted(SocketAsyncEventArgs e) => sent(e.SocketError);

    private void CloseStretch()
    {
        if (_blockUsed == _blockStart) return;

        _segments.Add(new ArraySegment<byte>(_block!, _blockStart, _blockUsed - _blockStart));
        _blockStart = _blockUsed;
    }
}

/// <summary>Where a sender takes the memory that small replies are put together in.</summary>
internal readonly record struct BlockSource(Func<int, byte[]> Rent, Action<byte[]> Return);
