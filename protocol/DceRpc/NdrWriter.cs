using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Gateway.Protocol.DceRpc;

/// <summary>Writes NDR (C706 chapter 14, transfer syntax 2.0), little endian: the stub of one answer.</summary>
/// <remarks>
/// Not safe for use by two threads at a time. Writers bound what they write; growing past <see cref="LengthMax"/> is a defect
/// of the caller and throws.
/// </remarks>
public sealed class NdrWriter
{
    /// <summary>Bytes.</summary>
    public const int LengthMax = 1 << 20;

    private const int LengthFirst = 256;

    /// <summary>Where Windows begins to number pointers; any number but 0 would do.</summary>
    private const uint FirstReferent = 0x00020000;

    private byte[] _buffer = new byte[LengthFirst];
    private uint _referents;

    public int Length { get; private set; }

    public ReadOnlyMemory<byte> Written => _buffer.AsMemory(0, Length);

    public void WriteByte(byte value) => Take(1, sizeof(byte))[0] = value;

    public void WriteUInt16(ushort value) => BinaryPrimitives.WriteUInt16LittleEndian(Take(sizeof(ushort), sizeof(ushort)), value);

    public void WriteUInt32(uint value) => BinaryPrimitives.WriteUInt32LittleEndian(Take(sizeof(uint), sizeof(uint)), value);

    public void WriteInt32(int value) => BinaryPrimitives.WriteInt32LittleEndian(Take(sizeof(uint), sizeof(uint)), value);

    public void WriteGuid(Guid value) => value.TryWriteBytes(Take(sizeof(uint), 16));

    /// <summary>A unique pointer; what it points to is written by the caller where NDR wants it.</summary>
    public void WritePointer(bool present = true)
    {
        WriteUInt32(present ? FirstReferent + (_referents * sizeof(uint)) : 0);
        if (present) _referents++;
    }

    /// <summary>A conformant varying string of 16-bit characters with its terminator.</summary>
    public void WriteString(string text)
    {
        var length = (uint)text.Length + 1;
        WriteUInt32(length);
        WriteUInt32(0);
        WriteUInt32(length);
        WriteCharacters(text);
        WriteUInt16(0);
    }

    /// <summary>The characters of an RPC_UNICODE_STRING, without a terminator (MS-DTYP 2.3.10).</summary>
    public void WriteCountedString(string text)
    {
        WriteUInt32((uint)text.Length);
        WriteUInt32(0);
        WriteUInt32((uint)text.Length);
        WriteCharacters(text);
    }

    /// <summary>Length, room and pointer of an RPC_UNICODE_STRING; the characters follow by <see cref="WriteCountedString"/>.</summary>
    public void WriteCountedStringHead(string text)
    {
        Align(sizeof(uint));
        WriteUInt16((ushort)(text.Length * sizeof(char)));
        WriteUInt16((ushort)(text.Length * sizeof(char)));
        WritePointer();
    }

    /// <summary>A unique pointer to a string, as a parameter: the string follows at once.</summary>
    public void WriteUniqueString(string? text)
    {
        WritePointer(text is not null);
        if (text is not null) WriteString(text);
    }

    /// <summary>Bytes as they are.</summary>
    public void WriteBytes(ReadOnlySpan<byte> bytes) => bytes.CopyTo(Take(1, bytes.Length));

    public void Align(int alignment) => Take(alignment, 0);

    private void WriteCharacters(string text) =>
        MemoryMarshal.AsBytes(text.AsSpan()).CopyTo(Take(sizeof(char), text.Length * sizeof(char)));

    private Span<byte> Take(int alignment, int count)
    {
        var start = (Length + alignment - 1) & -alignment;
        var end = start + count;
        if (end > LengthMax) throw new InvalidOperationException($"An answer grew past the bound of {LengthMax} bytes.");

        // New memory is zero, so padding is.
        if (end > _buffer.Length) Array.Resize(ref _buffer, Math.Max(end, 2 * _buffer.Length));
        Length = end;
        return _buffer.AsSpan(start, count);
    }
}
