using System.Buffers;
using System.Buffers.Binary;
using System.Text;

namespace Gateway.Replication.Wire;

/// <summary>Writes little-endian fields of node messages into one pooled, growing buffer.</summary>
/// <remarks>Not thread-safe. <see cref="Dispose"/> gives the buffer back.</remarks>
public sealed class WireWriter(int initialBytes = 1024) : IDisposable
{
    private byte[] _buffer = ArrayPool<byte>.Shared.Rent(initialBytes);

    public int Bytes { get; private set; }

    public ReadOnlyMemory<byte> Memory => _buffer.AsMemory(0, Bytes);

    public Span<byte> Written => _buffer.AsSpan(0, Bytes);

    public void Clear() => Bytes = 0;

    /// <summary>Takes back what was written after the position.</summary>
    public void Truncate(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, Bytes);
        Bytes = bytes;
    }

    public Span<byte> Reserve(int bytes)
    {
        if (_buffer.Length - Bytes < bytes) Grow(bytes);
        var span = _buffer.AsSpan(Bytes, bytes);
        Bytes += bytes;
        return span;
    }

    public void WriteByte(byte value) => Reserve(1)[0] = value;

    public void WriteBool(bool value) => WriteByte(value ? (byte)1 : (byte)0);

    public void WriteUInt32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Reserve(sizeof(uint)), value);

    public void WriteInt32(int value) => BinaryPrimitives.WriteInt32LittleEndian(Reserve(sizeof(int)), value);

    public void WriteUInt64(ulong value) => BinaryPrimitives.WriteUInt64LittleEndian(Reserve(sizeof(ulong)), value);

    public void WriteInt64(long value) => BinaryPrimitives.WriteInt64LittleEndian(Reserve(sizeof(long)), value);

    public void WriteGuid(Guid value) => value.TryWriteBytes(Reserve(16));

    public void WriteRaw(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Reserve(bytes.Length));

    /// <summary>Length (4 bytes), then the bytes.</summary>
    public void WriteBytes(ReadOnlySpan<byte> bytes)
    {
        WriteInt32(bytes.Length);
        WriteRaw(bytes);
    }

    public void WriteText(string text)
    {
        var bytes = Encoding.UTF8.GetByteCount(text);
        WriteInt32(bytes);
        Encoding.UTF8.GetBytes(text, Reserve(bytes));
    }

    public void Dispose()
    {
        var buffer = _buffer;
        _buffer = [];
        Bytes = 0;
        if (buffer.Length != 0) ArrayPool<byte>.Shared.Return(buffer);
    }

    private void Grow(int bytes)
    {
        var larger = ArrayPool<byte>.Shared.Rent(Math.Max(Bytes + bytes, _buffer.Length * 2));
        _buffer.AsSpan(0, Bytes).CopyTo(larger);
        if (_buffer.Length != 0) ArrayPool<byte>.Shared.Return(_buffer);
        _buffer = larger;
    }
}
