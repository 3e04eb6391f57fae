using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2.Information;

/// <summary>FileNetworkOpenInformation, MS-FSCC 2.4.29.</summary>
public readonly record struct FileNetworkOpenInformation
{
    public const int Bytes = 56;

    public long CreationTime { get; init; }

    public long LastAccessTime { get; init; }

    public long LastWriteTime { get; init; }

    public long ChangeTime { get; init; }

    public required long AllocationSize { get; init; }

    public required long EndOfFile { get; init; }

    public Smb2FileAttributes FileAttributes { get; init; }

    public static bool TryParse(ReadOnlySpan<byte> buffer, out FileNetworkOpenInformation parsed)
    {
        parsed = default;
        if (buffer.Length < Bytes) return false;
        parsed = new FileNetworkOpenInformation
        {
            CreationTime = BinaryPrimitives.ReadInt64LittleEndian(buffer),
            LastAccessTime = BinaryPrimitives.ReadInt64LittleEndian(buffer[8..]),
            LastWriteTime = BinaryPrimitives.ReadInt64LittleEndian(buffer[16..]),
            ChangeTime = BinaryPrimitives.ReadInt64LittleEndian(buffer[24..]),
            AllocationSize = BinaryPrimitives.ReadInt64LittleEndian(buffer[32..]),
            EndOfFile = BinaryPrimitives.ReadInt64LittleEndian(buffer[40..]),
            FileAttributes = (Smb2FileAttributes)BinaryPrimitives.ReadUInt32LittleEndian(buffer[48..]),
        };
        return true;
    }

    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteInt64LittleEndian(target, CreationTime);
        BinaryPrimitives.WriteInt64LittleEndian(target[8..], LastAccessTime);
        BinaryPrimitives.WriteInt64LittleEndian(target[16..], LastWriteTime);
        BinaryPrimitives.WriteInt64LittleEndian(target[24..], ChangeTime);
        BinaryPrimitives.WriteInt64LittleEndian(target[32..], AllocationSize);
        BinaryPrimitives.WriteInt64LittleEndian(target[40..], EndOfFile);
        BinaryPrimitives.WriteUInt32LittleEndian(target[48..], (uint)FileAttributes);
        BinaryPrimitives.WriteUInt32LittleEndian(target[52..], 0);
    }
}
