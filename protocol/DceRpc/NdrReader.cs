using System.Buffers.Binary;
using System.Runtime.InteropServices;

namespace Gateway.Protocol.DceRpc;

/// <summary>Reads NDR (C706 chapter 14, transfer syntax 2.0) from the stub of one call, little endian.</summary>
/// <remarks>
/// A read past the end, or of a count that cannot be, yields zero or empty and clears <see cref="Intact"/>, so a parser is a
/// straight line of reads with one check at the end. Alignment counts from the start of the stub; padding is not looked at.
/// </remarks>
public ref struct NdrReader(ReadOnlySpan<byte> stub)
{
    private readonly ReadOnlySpan<byte> _stub = stub;
    private int _position;

    /// <summary>False as soon as anything was missing or out of its bounds; stays false.</summary>
    public bool Intact { get; private set; } = true;

    public readonly int BytesLeft => Intact ? _stub.Length - _position : 0;

    public byte ReadByte() => TryTake(1, sizeof(byte), out var bytes) ? bytes[0] : (byte)0;

    public ushort ReadUInt16() =>
        TryTake(sizeof(ushort), sizeof(ushort), out var bytes) ? BinaryPrimitives.ReadUInt16LittleEndian(bytes) : (ushort)0;

    public uint ReadUInt32() =>
        TryTake(sizeof(uint), sizeof(uint), out var bytes) ? BinaryPrimitives.ReadUInt32LittleEndian(bytes) : 0;

    public Guid ReadGuid() => TryTake(sizeof(uint), 16, out var bytes) ? new Guid(bytes) : Guid.Empty;

    /// <summary>A unique or full pointer: true when what it points to follows, now or behind what surrounds it.</summary>
    public bool ReadPointer() => ReadUInt32() != 0;

    /// <summary>A count that may be at most <paramref name="max"/>.</summary>
    public int ReadCount(int max)
    {
        var count = ReadUInt32();
        if (count <= (uint)max) return Intact ? (int)count : 0;
        Fail();
        return 0;
    }

    /// <summary>Bytes as they are; a view of the stub.</summary>
    public ReadOnlySpan<byte> ReadBytes(int count) => TryTake(1, count, out var bytes) ? bytes : default;

    /// <summary>A conformant varying string of 16-bit characters, up to its terminator (C706 14.3.4.2).</summary>
    public string ReadString(int lengthMax)
    {
        var room = ReadUInt32();
        var offset = ReadUInt32();
        var length = ReadUInt32();
        if (offset != 0 || length > room || length > (uint)lengthMax || !TryTake(sizeof(char), (int)length * sizeof(char), out var bytes))
        {
            Fail();
            return "";
        }

        var text = MemoryMarshal.Cast<byte, char>(bytes);
        var end = text.IndexOf('\0');
        return new string(end < 0 ? text : text[..end]);
    }

    /// <summary>A unique pointer to a string, as a parameter: the string follows at once. Null when there is none.</summary>
    public string? ReadUniqueString(int lengthMax) => ReadPointer() ? ReadString(lengthMax) : null;

    /// <summary>Marks the stub as broken: for a rule that only the caller can check.</summary>
    public void Fail() => Intact = false;

    private bool TryTake(int alignment, int count, out ReadOnlySpan<byte> bytes)
    {
        var start = ((long)_position + alignment - 1) & -alignment;
        if (Intact && start + count <= _stub.Length)
        {
            bytes = _stub.Slice((int)start, count);
            _position = (int)start + count;
            return true;
        }

        bytes = default;
        Intact = false;
        return false;
    }
}
