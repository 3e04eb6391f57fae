using System.Buffers;
using System.Buffers.Binary;
using System.Runtime.CompilerServices;

namespace Gateway.Protocol.Wire;

/// <summary>Writes XDR (RFC 4506) into one contiguous, pooled buffer that grows.</summary>
/// <remarks>
/// Contiguous, so that a count can be written after what it counts (<see cref="ReserveUInt32"/>,
/// <see cref="PatchUInt32"/>) and file content can be read straight into the reply (<see cref="GetMemory"/>,
/// <see cref="Advance"/>). Padding is always zeroed: stale buffer content must never reach the wire.
/// Not safe for use by two threads at a time. Growing past <see cref="LengthMax"/> is a defect of the caller
/// and throws. <see cref="Dispose()"/> gives the buffer back; views taken before are dead then.
/// A transport derives from it to bring its own memory (<see cref="Rent"/>) and to keep room for its
/// headers in front of the message.
/// </remarks>
public class XdrWriter : IBufferWriter<byte>, IDisposable
{
    /// <summary>Bytes. No message of ours comes near: 1 MiB of payload and some kilobytes of headers.</summary>
    public const int LengthMax = 64 << 20;

    private const int LengthFirst = 512;

    private readonly int _origin;
    private byte[] _buffer;
    private int _end;

    public XdrWriter(int lengthHint = LengthFirst)
        : this(ArrayPool<byte>.Shared.Rent(lengthHint), 0)
    {
    }

    /// <summary>Writes into <paramref name="buffer"/> from <paramref name="headroom"/> on.</summary>
    protected XdrWriter(byte[] buffer, int headroom)
    {
        _buffer = buffer;
        _origin = _end = headroom;
    }

    /// <summary>Bytes written so far; also the position of the next byte.</summary>
    public int Length => _end - _origin;

    public ReadOnlySpan<byte> WrittenSpan => _buffer.AsSpan(_origin, Length);

    public ReadOnlyMemory<byte> WrittenMemory => _buffer.AsMemory(_origin, Length);

    /// <summary>The whole buffer: headroom, <see cref="Length"/> bytes of message, free room.</summary>
    protected byte[] Buffer => _buffer;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteUInt32(uint value) =>
        BinaryPrimitives.WriteUInt32BigEndian(Take(sizeof(uint)), value);

    public void WriteInt32(int value) => BinaryPrimitives.WriteInt32BigEndian(Take(sizeof(int)), value);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public void WriteUInt64(ulong value) =>
        BinaryPrimitives.WriteUInt64BigEndian(Take(sizeof(ulong)), value);

    public void WriteInt64(long value) => BinaryPrimitives.WriteInt64BigEndian(Take(sizeof(long)), value);

    public void WriteBoolean(bool value) => WriteUInt32(value ? 1u : 0u);

    /// <summary>Writes <c>opaque&lt;&gt;</c>: length, bytes, zero padding.</summary>
    public void WriteOpaque(ReadOnlySpan<byte> bytes)
    {
        WriteUInt32((uint)bytes.Length);
        WriteFixedOpaque(bytes);
    }

    /// <summary>Writes <c>opaque[n]</c>: bytes and zero padding.</summary>
    public void WriteFixedOpaque(ReadOnlySpan<byte> bytes)
    {
        var padding = -bytes.Length & 3;
        var target = Take(bytes.Length + padding);
        bytes.CopyTo(target);
        target[bytes.Length..].Clear();
    }

    /// <summary>Writes bytes that are XDR already, without length or padding.</summary>
    public void WriteRaw(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(bytes.Length));

    /// <summary>
    /// Leaves room for a number that is known later; returns its position for <see cref="PatchUInt32"/>.
    /// </summary>
    public int ReserveUInt32()
    {
        var position = Length;
        WriteUInt32(0);
        return position;
    }

    public void PatchUInt32(int position, uint value)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)position, (uint)(Length - sizeof(uint)), nameof(position));
        BinaryPrimitives.WriteUInt32BigEndian(_buffer.AsSpan(_origin + position), value);
    }

    /// <summary>
    /// Zero bytes up to the next multiple of four of what was written since <paramref name="start"/>.
    /// </summary>
    public void PadSince(int start) => Take(-(Length - start) & 3).Clear();

    /// <summary>Forgets everything written from <paramref name="position"/> on.</summary>
    public void Truncate(int position)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)position, (uint)Length, nameof(position));
        _end = _origin + position;
    }

    /// <summary>The bytes written from <paramref name="position"/> on; dead after the next write that grows.</summary>
    public ReadOnlySpan<byte> WrittenSince(int position) => WrittenSpan[position..];

    /// <summary>
    /// At least <paramref name="sizeHint"/> bytes to fill, stable until the next write; then <see cref="Advance"/>.
    /// </summary>
    public Memory<byte> GetMemory(int sizeHint = 0)
    {
        EnsureRoom(Math.Max(sizeHint, 1));
        return _buffer.AsMemory(_end);
    }

    public Span<byte> GetSpan(int sizeHint = 0)
    {
        EnsureRoom(Math.Max(sizeHint, 1));
        return _buffer.AsSpan(_end);
    }

    public void Advance(int count)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan((uint)count, (uint)(_buffer.Length - _end), nameof(count));
        _end += count;
    }

    public void Dispose()
    {
        Dispose(true);
        GC.SuppressFinalize(this);
    }

    protected virtual void Dispose(bool disposing)
    {
        var buffer = Interlocked.Exchange(ref _buffer, []);
        _end = _origin;
        if (buffer.Length > 0) Return(buffer);
    }

    /// <summary>
    /// A buffer of at least <paramref name="needed"/> bytes, of <paramref name="wanted"/> if that can be had: twice
    /// what was used, so that many small writes stay linear.
    /// </summary>
    protected virtual byte[] Rent(int needed, int wanted) => ArrayPool<byte>.Shared.Rent(wanted);

    /// <summary>Takes back a buffer that is not used any more.</summary>
    protected virtual void Return(byte[] buffer) => ArrayPool<byte>.Shared.Return(buffer);

    /// <summary>Starts again, empty, in <paramref name="buffer"/>; the old one is the caller's.</summary>
    protected void Restart(byte[] buffer)
    {
        _buffer = buffer;
        _end = _origin;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private Span<byte> Take(int count)
    {
        EnsureRoom(count);
        var span = _buffer.AsSpan(_end, count);
        _end += count;
        return span;
    }

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private void EnsureRoom(int count)
    {
        if (count > _buffer.Length - _end) Grow(count);
    }

    private void Grow(int count)
    {
        var needed = (long)_end + count;
        if (needed > LengthMax)
            throw new InvalidOperationException($"A message of {needed} bytes is past the bound of {LengthMax}.");

        var larger = Rent((int)needed, (int)Math.Max(needed, Math.Min(LengthMax, 2L * _end)));
        _buffer.AsSpan(0, _end).CopyTo(larger);
        if (_buffer.Length > 0) Return(_buffer);
        _buffer = larger;
    }
}
