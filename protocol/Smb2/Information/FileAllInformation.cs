using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2.Information;

/// <summary>FileAllInformation, MS-FSCC 2.4.2: eight classes in one, and the name behind them.</summary>
/// <remarks>
/// <code>
///  0 Basic (40)   40 Standard (24)    64 IndexNumber (8)   72 EaSize   76 AccessFlags   80 CurrentByteOffset (8)
/// 88 Mode         92 Alignment        96 FileNameLength   100 FileName
/// </code>
/// </remarks>
public readonly record struct FileAllInformation
{
    /// <summary>Bytes before the name.</summary>
    public const int FixedBytes = 100;

    public required FileBasicInformation Basic { get; init; }

    public required FileStandardInformation Standard { get; init; }

    public required ulong IndexNumber { get; init; }

    public required uint EaSize { get; init; }

    public required uint AccessFlags { get; init; }

    public long CurrentByteOffset { get; init; }

    public uint Mode { get; init; }

    public uint AlignmentRequirement { get; init; }

    /// <summary>Parses the fixed part and gives the name, in UTF-16, behind it.</summary>
    public static bool TryParse(ReadOnlySpan<byte> buffer, out FileAllInformation parsed, out ReadOnlySpan<byte> name)
    {
        parsed = default;
        name = default;
        if (!FileBasicInformation.TryParse(buffer, out var basic) || buffer.Length < FixedBytes) return false;
        if (!FileStandardInformation.TryParse(buffer[FileBasicInformation.Bytes..], out var standard)) return false;
        if (!FileNameInformation.TryParse(buffer[(FixedBytes - FileNameInformation.FixedBytes)..], out name)) return false;

        parsed = new FileAllInformation
        {
            Basic = basic,
            Standard = standard,
            IndexNumber = BinaryPrimitives.ReadUInt64LittleEndian(buffer[64..]),
            EaSize = BinaryPrimitives.ReadUInt32LittleEndian(buffer[72..]),
            AccessFlags = BinaryPrimitives.ReadUInt32LittleEndian(buffer[76..]),
            CurrentByteOffset = BinaryPrimitives.ReadInt64LittleEndian(buffer[80..]),
            Mode = BinaryPrimitives.ReadUInt32LittleEndian(buffer[88..]),
            AlignmentRequirement = BinaryPrimitives.ReadUInt32LittleEndian(buffer[92..]),
        };
        return true;
    }

    /// <summary>Writes all but the name, whose bytes the caller puts behind.</summary>
    public void Write(Span<byte> target, int nameBytes)
    {
        Basic.Write(target);
        Standard.Write(target[40..]);
        BinaryPrimitives.WriteUInt64LittleEndian(target[64..], IndexNumber);
        BinaryPrimitives.WriteUInt32LittleEndian(target[72..], EaSize);
        BinaryPrimitives.WriteUInt32LittleEndian(target[76..], AccessFlags);
        BinaryPrimitives.WriteInt64LittleEndian(target[80..], CurrentByteOffset);
        BinaryPrimitives.WriteUInt32LittleEndian(target[88..], Mode);
        BinaryPrimitives.WriteUInt32LittleEndian(target[92..], AlignmentRequirement);
        BinaryPrimitives.WriteUInt32LittleEndian(target[96..], (uint)nameBytes);
    }
}
