using System.Buffers.Binary;
using System.Text;

namespace Gateway.Replication.Wire;

/// <summary>Reads what <see cref="WireWriter"/> wrote.</summary>
/// <remarks>
/// A read past the end, a length beyond its bound or a bool that is neither yields zero or empty and clears
/// <see cref="Intact"/>: a parser is a straight line of reads with one check at the end.
/// Byte strings are views of the input and live as long as it does.
/// </remarks>
public ref struct WireReader(ReadOnlyMemory<byte> input)
{
    private ReadOnlyMemory<byte> _rest = input;

    public bool Intact { get; private set; } = true;

    public readonly bool AtEnd => _rest.IsEmpty;

    /// <summary>True when all was read and nothing was wrong.</summary>
    public readonly bool Complete => Intact && AtEnd;

    public void Fail() => Intact = false;

    public byte ReadByte() => Take(1) is { IsEmpty: false } bytes ? bytes.Span[0] : (byte)0;

    public bool ReadBool()
    {
        var value = ReadByte();
        if (value > 1) Intact = false;
        return value == 1;
    }

    public uint ReadUInt32() =>
        Take(sizeof(uint)) is { IsEmpty: false } bytes ? BinaryPrimitives.ReadUInt32LittleEndian(bytes.Span) : 0;

    public int ReadInt32() =>
        Take(sizeof(int)) is { IsEmpty: false } bytes ? BinaryPrimitives.ReadInt32LittleEndian(bytes.Span) : 0;

    public ulong ReadUInt64() =>
        Take(sizeof(ulong)) is { IsEmpty: false } bytes ? BinaryPrimitives.ReadUInt64LittleEndian(bytes.Span) : 0;

    public long ReadInt64() =>
        Take(sizeof(long)) is { IsEmpty: false } bytes ? BinaryPrimitives.ReadInt64LittleEndian(bytes.Span) : 0;

    public Guid ReadGuid() => Take(16) is { IsEmpty: false } bytes ? new Guid(bytes.Span) : Guid.Empty;

    public ReadOnlyMemory<byte> ReadRaw(int bytes) => Take(bytes);

    public ReadOnlyMemory<byte> ReadBytes(int bytesMax)
    {
        var length = ReadInt32();
        if (length < 0 || length > bytesMax) Intact = false;
        return Intact ? Take(length) : default;
    }

    public string ReadText(int bytesMax) => Encoding.UTF8.GetString(ReadBytes(bytesMax).Span);

    /// <summary>
    /// Reads a count of items that take at least <paramref name="itemBytesMin"/> each, so that a forged count
    /// cannot reserve more memory than the message itself has.
    /// </summary>
    public int ReadCount(int countMax, int itemBytesMin)
    {
        var count = ReadInt32();
        if (count < 0 || count > countMax || (long)count * itemBytesMin > _rest.Length) Intact = false;
        return Intact ? count : 0;
    }

    private ReadOnlyMemory<byte> Take(int bytes)
    {
        if (Intact && bytes >= 0 && bytes <= _rest.Length)
        {
            var taken = _rest[..bytes];
            _rest = _rest[bytes..];
            return taken;
        }

        Intact = false;
        return default;
    }
}
