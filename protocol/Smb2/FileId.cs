using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2;

/// <summary>Identifies an open to its client (MS-SMB2 2.2.14.1).</summary>
/// <param name="Persistent">Survives a reconnection of a durable open.</param>
/// <param name="Volatile">Of the open as it is now.</param>
public readonly record struct FileId(ulong Persistent, ulong Volatile)
{
    public const int Bytes = 16;

    /// <summary>All ones: in a related element the file of the element before; in some FSCTLs no file at all.</summary>
    public static FileId Any => new(ulong.MaxValue, ulong.MaxValue);

    public bool IsAny => this == Any;

    /// <summary>Reads 16 bytes; the caller has checked that they are there.</summary>
    public static FileId Read(ReadOnlySpan<byte> source) =>
        new(BinaryPrimitives.ReadUInt64LittleEndian(source), BinaryPrimitives.ReadUInt64LittleEndian(source[8..]));

    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(target, Persistent);
        BinaryPrimitives.WriteUInt64LittleEndian(target[8..], Volatile);
    }
}
