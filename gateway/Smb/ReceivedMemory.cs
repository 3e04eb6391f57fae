using Gateway.Replication.Wire;
using Gateway.Sockets;

namespace Gateway.Smb;

/// <summary>The contiguous memory of one message after the other: a small block of its own, or a rented buffer.</summary>
/// <remarks>Threading: that of the request.</remarks>
internal sealed class ReceivedMemory
{
    private const int SmallBytes = 1024;

    private readonly byte[] _small = GC.AllocateUninitializedArray<byte>(SmallBytes, pinned: true);
    private readonly TransferBuffers _buffers;
    private LentMessage? _lent;

    public ReceivedMemory()
        : this(TransferBuffers.Shared)
    {
    }

    public ReceivedMemory(TransferBuffers buffers)
    {
        _buffers = buffers;
        Bytes = _small;
    }

    public byte[] Bytes { get; private set; }

    /// <summary>More than the small block is held.</summary>
    public bool IsLarge => Bytes != _small;

    /// <summary>Makes room for a message, in place of the small block.</summary>
    public void Reserve(int bytes)
    {
        if (bytes > Bytes.Length) Bytes = _buffers.Rent(bytes);
    }

    /// <summary>
    /// Who lends that many bytes of the message beyond the end of the request; null when they are better copied, because
    /// much of the memory holds something else.
    /// </summary>
    public IPayloadSource? SourceOf(int bytes)
    {
        if (!IsLarge || bytes < Bytes.Length / 4 * 3) return null;

        return _lent ??= new LentMessage(Bytes, _buffers);
    }

    /// <summary>Back to the small block; the buffer is free when nobody has borrowed of it any more.</summary>
    public void Release()
    {
        if (_lent is not null) _lent.PayloadReleased();
        else if (IsLarge) _buffers.Return(Bytes);
        _lent = null;
        Bytes = _small;
    }
}
