using System.Buffers.Binary;

namespace Gateway.Protocol.Wire;

/// <summary>The four-byte header of a record fragment on a byte stream, RFC 5531 §11.</summary>
/// <remarks>The highest bit says that the fragment is the last of its record; the rest is its length in bytes.</remarks>
public readonly record struct RecordMark(int FragmentBytes, bool Last)
{
    public const int Bytes = 4;

    private const uint LastBit = 0x8000_0000;

    public static RecordMark Read(ReadOnlySpan<byte> header)
    {
        var value = BinaryPrimitives.ReadUInt32BigEndian(header);
        return new RecordMark((int)(value & ~LastBit), (value & LastBit) != 0);
    }

    public void Write(Span<byte> header) =>
        BinaryPrimitives.WriteUInt32BigEndian(header, (uint)FragmentBytes | (Last ? LastBit : 0));
}
