using System.Buffers;
using Gateway.Protocol.Smb2;
using Gateway.Protocol.Smb2.Cryptography;
using Gateway.Smb.Connections;
using Gateway.Sockets;

namespace Gateway.Smb;

/// <summary>
/// Takes the body of a response in contiguous pooled memory, with room in front for its header, the transform header and
/// the frame's length: a READ asks for its whole count with <see cref="GetMemory"/> and the data goes to the socket, signed
/// or sealed in place, without another copy. The responses of a compound stand one behind the other in one writer.
/// </summary>
/// <remarks>
/// Offsets and <see cref="Length"/> count from the first byte behind the 64-byte header. Memory handed out is valid until the
/// next call that may grow the buffer. Threading: owned by the request.
/// </remarks>
internal sealed class ResponseWriter : IBufferWriter<byte>
{
    /// <summary>Where a frame's first header is: behind the length and the transform header.</summary>
    internal const int MessageStart = FrameLengthBytes + Smb2Cipher.HeaderBytes;

    internal const int FrameLengthBytes = 4;

    private const int ElementAlignment = 8;
    private const int SmallBytes = 1024;

    private readonly byte[] _small = GC.AllocateUninitializedArray<byte>(SmallBytes, pinned: true);
    private byte[] _buffer;
    private int _header = MessageStart;
    private int _end = MessageStart + Smb2Header.Bytes;

    public ResponseWriter() => _buffer = _small;

    /// <summary>Bytes of the body so far.</summary>
    public int Length => _end - Start;

    /// <summary>The body so far, to fill in what was reserved.</summary>
    public Span<byte> Written => _buffer.AsSpan(Start, Length);

    private int Start => _header + Smb2Header.Bytes;

    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        Ensure(Math.Max(sizeHint, 1));
        return _buffer.AsMemory(_end);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        Ensure(Math.Max(sizeHint, 1));
        return _buffer.AsSpan(_end);
    }

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(count);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(count, _buffer.Length - _end);
        _end += count;
    }

    /// <summary>Appends <paramref name="count"/> zero bytes and returns them to be filled.</summary>
    public Span<byte> Reserve(int count)
    {
        Ensure(count);
        var reserved = _buffer.AsSpan(_end, count);
        reserved.Clear();
        _end += count;
        return reserved;
    }

    public void Write(ReadOnlySpan<byte> bytes)
    {
        Ensure(bytes.Length);
        bytes.CopyTo(_buffer.AsSpan(_end));
        _end += bytes.Length;
    }

    /// <summary>Appends zeros until the length of the body is a multiple of <paramref name="alignment"/>.</summary>
    public void Align(int alignment)
    {
        var over = Length % alignment;
        if (over != 0) Reserve(alignment - over);
    }

    /// <summary>Forgets what was written behind the first <paramref name="length"/> bytes of the body.</summary>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(length);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, Length);
        _end = Start + length;
    }

    /// <summary>Forgets the whole body.</summary>
    public void Reset() => _end = Start;

    // What follows belongs to the connection.

    /// <summary>What is known of the elements that are done, for their headers.</summary>
    internal List<ResponseElement> Done { get; } = new(1);

    internal byte[] Buffer => _buffer;

    /// <summary>Has taken nothing from the pool.</summary>
    internal bool IsSmall => _buffer == _small;

    /// <summary>Offset of the current element's header in the buffer.</summary>
    internal int HeaderOffset => _header;

    /// <summary>Where the frame ends in the buffer.</summary>
    internal int End => _end;

    /// <summary>Header and body of the current element.</summary>
    internal Span<byte> Element => _buffer.AsSpan(_header, _end - _header);

    /// <summary>Pads the current element and goes on to the next one; returns the offset between their headers.</summary>
    internal int NextElement()
    {
        var padded = (_end - MessageStart + ElementAlignment - 1) / ElementAlignment * ElementAlignment + MessageStart;
        Reserve(padded - _end);
        var next = _end - _header;
        _header = _end;
        Ensure(Smb2Header.Bytes);
        _end += Smb2Header.Bytes;
        return next;
    }

    /// <summary>The current element becomes the first one: those before it were sent by themselves.</summary>
    internal void DropDone()
    {
        Done.Clear();
        var element = Element;
        element.CopyTo(_buffer.AsSpan(MessageStart));
        _header = MessageStart;
        _end = MessageStart + element.Length;
    }

    /// <summary>Back to an empty first element, with only the small buffer.</summary>
    internal void Restart()
    {
        if (_buffer != _small) TransferBuffers.Shared.Return(_buffer);
        _buffer = _small;
        Done.Clear();
        _header = MessageStart;
        _end = MessageStart + Smb2Header.Bytes;
    }

    private void Ensure(int count)
    {
        var needed = checked(_end + count);
        if (needed <= _buffer.Length) return;

        // Doubling keeps listings linear; one large request is exact at once.
        var wanted = Math.Max(needed, Math.Min(2 * _buffer.Length, SmbLimits.MessageBytesMax));
        var larger = TransferBuffers.Shared.Rent(wanted);
        _buffer.AsSpan(0, _end).CopyTo(larger);
        if (_buffer != _small) TransferBuffers.Shared.Return(_buffer);
        _buffer = larger;
    }
}
