using System.Buffers;
using System.Text;

namespace Gateway.Replication.Control.Etcd;

/// <summary>
/// Fields of a Protocol Buffers message, one after another. As proto3 does, a number that is 0 and an empty text are left
/// out: the reader takes an absent field for that.
/// </summary>
internal sealed class ProtoWriter
{
    private const int VarintBytesMax = 10;

    private readonly ArrayBufferWriter<byte> _buffer = new();

    public ReadOnlySpan<byte> Written => _buffer.WrittenSpan;

    /// <summary>An int64, uint64, bool or enum.</summary>
    public ProtoWriter Number(int field, long value)
    {
        if (value == 0) return this;

        Tag(field, ProtoWireType.Varint);
        Varint(unchecked((ulong)value));
        return this;
    }

    public ProtoWriter Bytes(int field, ReadOnlySpan<byte> value) => value.IsEmpty ? this : Delimited(field, value);

    public ProtoWriter Text(int field, string value) => Bytes(field, Encoding.UTF8.GetBytes(value));

    /// <summary>A message within this one; it counts as there even when it is empty.</summary>
    public ProtoWriter Message(int field, ProtoWriter value) => Delimited(field, value.Written);

    private ProtoWriter Delimited(int field, ReadOnlySpan<byte> value)
    {
        Tag(field, ProtoWireType.Delimited);
        Varint((ulong)value.Length);
        _buffer.Write(value);
        return this;
    }

    private void Tag(int field, ProtoWireType type) => Varint((ulong)(uint)field << 3 | (uint)type);

    private void Varint(ulong value)
    {
        var bytes = _buffer.GetSpan(VarintBytesMax);
        var count = 0;
        while (value >= 0x80)
        {
            bytes[count++] = (byte)(value & 0x7f | 0x80);
            value >>= 7;
        }

        bytes[count++] = (byte)value;
        _buffer.Advance(count);
    }
}
