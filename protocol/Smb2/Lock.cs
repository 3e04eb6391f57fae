using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2;

/// <summary>Flags of a lock element, MS-SMB2 2.2.26.1. Few of the combinations are valid.</summary>
[Flags]
public enum LockFlags : uint
{
    None = 0,

    /// <summary>SMB2_LOCKFLAG_SHARED_LOCK.</summary>
    Shared = 0x01,

    /// <summary>SMB2_LOCKFLAG_EXCLUSIVE_LOCK.</summary>
    Exclusive = 0x02,

    /// <summary>SMB2_LOCKFLAG_UNLOCK.</summary>
    Unlock = 0x04,

    /// <summary>SMB2_LOCKFLAG_FAIL_IMMEDIATELY: does not wait for a lock in its way.</summary>
    FailImmediately = 0x10,
}

/// <summary>SMB2_LOCK_ELEMENT, MS-SMB2 2.2.26.1: Offset, Length, Flags, Reserved.</summary>
public readonly record struct LockElement(ulong Offset, ulong Length, LockFlags Flags)
{
    public const int Bytes = 24;

    /// <summary>Reads 24 bytes; the caller has checked that they are there.</summary>
    public static LockElement Read(ReadOnlySpan<byte> source) => new(
        BinaryPrimitives.ReadUInt64LittleEndian(source),
        BinaryPrimitives.ReadUInt64LittleEndian(source[8..]),
        (LockFlags)BinaryPrimitives.ReadUInt32LittleEndian(source[16..]));

    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(target, Offset);
        BinaryPrimitives.WriteUInt64LittleEndian(target[8..], Length);
        BinaryPrimitives.WriteUInt32LittleEndian(target[16..], (uint)Flags);
        BinaryPrimitives.WriteUInt32LittleEndian(target[20..], 0);
    }
}

/// <summary>SMB2 LOCK Request, MS-SMB2 2.2.26. A view of the message.</summary>
/// <remarks>
/// <code>
///  0 StructureSize 48   2 LockCount   4 LockSequenceNumber (4 bits), LockSequenceIndex (28 bits)
///  8 FileId (16)       24 Locks (24 bytes each)
/// </code>
/// </remarks>
public readonly ref struct LockRequest
{
    public const ushort StructureSize = 48;

    /// <summary>Bytes of the body before the elements.</summary>
    public const int BodyBytes = 24;

    private readonly ReadOnlySpan<byte> _locks;

    private LockRequest(FileId file, uint sequence, ReadOnlySpan<byte> locks)
    {
        FileId = file;
        Sequence = sequence;
        _locks = locks;
    }

    public FileId FileId { get; }

    /// <summary>Number in the low 4 bits, index in the others; 0 in SMB 2.0.2.</summary>
    public uint Sequence { get; }

    public byte SequenceNumber => (byte)(Sequence & 0xF);

    public uint SequenceIndex => Sequence >> 4;

    public int Count => _locks.Length / LockElement.Bytes;

    public LockElement this[int index] => LockElement.Read(_locks.Slice(index * LockElement.Bytes, LockElement.Bytes));

    /// <summary>Parses a message, its header included; false without elements, or when not all are there.</summary>
    public static bool TryParse(ReadOnlySpan<byte> message, out LockRequest request)
    {
        request = default;
        if (!MessageBody.TryTake(message, StructureSize, StructureSize, out var body)) return false;

        var count = BinaryPrimitives.ReadUInt16LittleEndian(body[2..]);
        var locksBytes = count * LockElement.Bytes;
        if (count == 0 || locksBytes > body.Length - BodyBytes) return false;

        request = new LockRequest(
            FileId.Read(body[8..]),
            BinaryPrimitives.ReadUInt32LittleEndian(body[4..]),
            body.Slice(BodyBytes, locksBytes));
        return true;
    }

    public LockElement[] ToArray()
    {
        var elements = new LockElement[Count];
        for (var index = 0; index < elements.Length; index++) elements[index] = this[index];
        return elements;
    }

    /// <summary>Writes a whole body; gives its length.</summary>
    public static int Write(Span<byte> body, FileId file, uint sequence, ReadOnlySpan<LockElement> elements)
    {
        body[..BodyBytes].Clear();
        BinaryPrimitives.WriteUInt16LittleEndian(body, StructureSize);
        BinaryPrimitives.WriteUInt16LittleEndian(body[2..], (ushort)elements.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(body[4..], sequence);
        file.Write(body[8..]);
        for (var index = 0; index < elements.Length; index++)
            elements[index].Write(body[(BodyBytes + index * LockElement.Bytes)..]);
        return BodyBytes + elements.Length * LockElement.Bytes;
    }
}
