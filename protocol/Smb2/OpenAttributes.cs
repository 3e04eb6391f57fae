using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2;

/// <summary>
/// The attributes that the answers of CREATE and CLOSE carry in the same order, MS-SMB2 2.2.14 and 2.2.16. Times are
/// FILETIMEs.
/// </summary>
/// <remarks>
/// <code>
///  0 CreationTime    8 LastAccessTime   16 LastWriteTime   24 ChangeTime
/// 32 AllocationSize 40 EndofFile        48 FileAttributes
/// </code>
/// </remarks>
public readonly record struct OpenAttributes
{
    public const int Bytes = 52;

    public required long CreationTime { get; init; }

    public required long LastAccessTime { get; init; }

    public required long LastWriteTime { get; init; }

    public required long ChangeTime { get; init; }

    public required long AllocationSize { get; init; }

    public required long EndOfFile { get; init; }

    public required Smb2FileAttributes FileAttributes { get; init; }

    /// <summary>The source holds at least <see cref="Bytes"/> bytes.</summary>
    public static OpenAttributes Read(ReadOnlySpan<byte> source) => new()
    {
        CreationTime = BinaryPrimitives.ReadInt64LittleEndian(source),
        LastAccessTime = BinaryPrimitives.ReadInt64LittleEndian(source[8..]),
        LastWriteTime = BinaryPrimitives.ReadInt64LittleEndian(source[16..]),
        ChangeTime = BinaryPrimitives.ReadInt64LittleEndian(source[24..]),
        AllocationSize = BinaryPrimitives.ReadInt64LittleEndian(source[32..]),
        EndOfFile = BinaryPrimitives.ReadInt64LittleEndian(source[40..]),
        FileAttributes = (Smb2FileAttributes)BinaryPrimitives.ReadUInt32LittleEndian(source[48..]),
    };

    public void Write(Span<byte> destination)
    {
        BinaryPrimitives.WriteInt64LittleEndian(destination, CreationTime);
        BinaryPrimitives.WriteInt64LittleEndian(destination[8..], LastAccessTime);
        BinaryPrimitives.WriteInt64LittleEndian(destination[16..], LastWriteTime);
        BinaryPrimitives.WriteInt64LittleEndian(destination[24..], ChangeTime);
        BinaryPrimitives.WriteInt64LittleEndian(destination[32..], AllocationSize);
        BinaryPrimitives.WriteInt64LittleEndian(destination[40..], EndOfFile);
        BinaryPrimitives.WriteUInt32LittleEndian(destination[48..], (uint)FileAttributes);
    }
}
