using System.Buffers.Binary;
using System.Text;

namespace Gateway.SmbClient;

/// <summary>Grows a message in little-endian; what was written can be overwritten, to make it wrong.</summary>
public sealed class MessageWriter
{
    private readonly List<byte> _bytes = [];

    public int Length => _bytes.Count;

    public MessageWriter U8(byte value)
    {
        _bytes.Add(value);
        return this;
    }

    public MessageWriter U16(int value) => Add(2, unchecked((ulong)value));

    public MessageWriter U32(uint value) => Add(4, value);

    public MessageWriter U64(ulong value) => Add(8, value);

    public MessageWriter Bytes(ReadOnlySpan<byte> bytes)
    {
        _bytes.AddRange(bytes);
        return this;
    }

    public MessageWriter Zeros(int count)
    {
        for (var i = 0; i < count; i++) _bytes.Add(0);
        return this;
    }

    /// <summary>UTF-16LE without a terminator.</summary>
    public MessageWriter Text(string text) => Bytes(Encoding.Unicode.GetBytes(text));

    /// <summary>Zeros up to a multiple of <paramref name="bytes"/>.</summary>
    public MessageWriter Align(int bytes) => Zeros((bytes - (Length % bytes)) % bytes);

    public byte[] ToArray() => [.. _bytes];

    private MessageWriter Add(int count, ulong value)
    {
        Span<byte> bytes = stackalloc byte[8];
        BinaryPrimitives.WriteUInt64LittleEndian(bytes, value);
        return Bytes(bytes[..count]);
    }
}
