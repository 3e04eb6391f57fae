using System.Text;

namespace Gateway.Replication.Control.Etcd;

/// <summary>
/// Reads the fields of a Protocol Buffers message. Fields that nobody asks for are passed over: newer servers send more.
/// </summary>
/// <remarks>Whatever is malformed throws <see cref="InvalidDataException"/>; nothing is read beyond the span.</remarks>
internal ref struct ProtoReader(ReadOnlySpan<byte> message)
{
    private const int VarintBitsMax = 64;

    private ReadOnlySpan<byte> _rest = message;
    private ProtoWireType _type;
    private ulong _number;
    private ReadOnlySpan<byte> _bytes;

    /// <summary>Number of the current field.</summary>
    public int Field { get; private set; }

    /// <summary>Takes the next field; false at the end of the message.</summary>
    public bool MoveNext()
    {
        if (_rest.IsEmpty) return false;

        var tag = Varint();
        if (tag >> 3 is 0 or > int.MaxValue) throw new InvalidDataException("A field has no valid number.");
        Field = (int)(tag >> 3);
        _type = (ProtoWireType)(tag & 7);
        switch (_type)
        {
            case ProtoWireType.Varint:
                _number = Varint();
                break;
            case ProtoWireType.Delimited:
                _bytes = Take(Varint());
                break;
            case ProtoWireType.Fixed64:
                Take(sizeof(ulong));
                break;
            case ProtoWireType.Fixed32:
                Take(sizeof(uint));
                break;
            default:
                throw new InvalidDataException($"Field {Field} has an unknown wire type.");
        }

        return true;
    }

    /// <summary>The current field as int64.</summary>
    public readonly long Number() => unchecked((long)Checked(ProtoWireType.Varint)._number);

    /// <summary>The current field as bool.</summary>
    public readonly bool Flag() => Checked(ProtoWireType.Varint)._number != 0;

    /// <summary>The current field as bytes, or as the fields of a message.</summary>
    public readonly ReadOnlySpan<byte> Bytes() => Checked(ProtoWireType.Delimited)._bytes;

    public readonly string Text() => Encoding.UTF8.GetString(Bytes());

    private readonly ProtoReader Checked(ProtoWireType type) =>
        _type == type ? this : throw new InvalidDataException($"Field {Field} is of another type.");

    private ulong Varint()
    {
        ulong value = 0;
        for (var shift = 0; shift < VarintBitsMax; shift += 7)
        {
            var next = Take(1)[0];
            value |= (ulong)(next & 0x7f) << shift;
            if (next < 0x80) return value;
        }

        throw new InvalidDataException("A number has more than 64 bits.");
    }

    private ReadOnlySpan<byte> Take(ulong count)
    {
        if (count > (ulong)_rest.Length) throw new InvalidDataException("The message is cut off.");

        var taken = _rest[..(int)count];
        _rest = _rest[(int)count..];
        return taken;
    }
}
