using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2.Information;

/// <summary>FileStandardInformation, MS-FSCC 2.4.41.</summary>
public readonly record struct FileStandardInformation
{
    public const int Bytes = 24;

    public required long AllocationSize { get; init; }

    public required long EndOfFile { get; init; }

    public required uint NumberOfLinks { get; init; }

    public bool DeletePending { get; init; }

    public bool Directory { get; init; }

    public static bool TryParse(ReadOnlySpan<byte> buffer, out FileStandardInformation parsed)
    {
        parsed = default;
        if (buffer.Length < Bytes) return false;
        parsed = new FileStandardInformation
        {
            AllocationSize = BinaryPrimitives.ReadInt64LittleEndian(buffer),
            EndOfFile = BinaryPrimitives.ReadInt64LittleEndian(buffer[8..]),
            NumberOfLinks = BinaryPrimitives.ReadUInt32LittleEndian(buffer[16..]),
            DeletePending = buffer[20] != 0,
            Directory = buffer[21] != 0,
        };
        return true;
    }

    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteInt64LittleEndian(target, AllocationSize);
        BinaryPrimitives.WriteInt64LittleEndian(target[8..], EndOfFile);
        BinaryPrimitives.WriteUInt32LittleEndian(target[16..], NumberOfLinks);
        target[20] = DeletePending ? (byte)1 : (byte)0;
        target[21] = Directory ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteUInt16LittleEndian(target[22..], 0);
    }
}
