using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2.FileControl;

/// <summary>SMB2_DUPLICATE_EXTENTS_DATA and its _EX form (MS-FSCC 2.3.7.2, 2.3.9.2).</summary>
/// <remarks>
/// <code>
/// 0 SourceFileID (16)   16 SourceFileOffset   24 TargetFileOffset   32 ByteCount
/// 0 StructureSize 48    8 SourceFileID (16)   24 SourceFileOffset   32 TargetFileOffset   40 ByteCount   48 Flags
/// </code>
/// </remarks>
public readonly record struct DuplicateExtents(FileId Source, long SourceOffset, long TargetOffset, long ByteCount)
{
    public const int Bytes = 40;

    public const int ExtendedBytes = 56;

    private const ulong ExtendedStructureSize = 48;
    private const int ExtendedPrefixBytes = 8;

    public static bool TryParse(ReadOnlySpan<byte> input, out DuplicateExtents request)
    {
        request = default;
        if (input.Length < Bytes) return false;

        request = new DuplicateExtents(
            FileId.Read(input),
            BinaryPrimitives.ReadInt64LittleEndian(input[16..]),
            BinaryPrimitives.ReadInt64LittleEndian(input[24..]),
            BinaryPrimitives.ReadInt64LittleEndian(input[32..]));
        return true;
    }

    public static bool TryParseExtended(ReadOnlySpan<byte> input, out DuplicateExtents request)
    {
        request = default;
        return input.Length >= ExtendedBytes
            && BinaryPrimitives.ReadUInt64LittleEndian(input) == ExtendedStructureSize
            && TryParse(input[ExtendedPrefixBytes..], out request);
    }

    public void Write(Span<byte> input)
    {
        Source.Write(input);
        BinaryPrimitives.WriteInt64LittleEndian(input[16..], SourceOffset);
        BinaryPrimitives.WriteInt64LittleEndian(input[24..], TargetOffset);
        BinaryPrimitives.WriteInt64LittleEndian(input[32..], ByteCount);
    }

    public void WriteExtended(Span<byte> input)
    {
        input[..ExtendedBytes].Clear();
        BinaryPrimitives.WriteUInt64LittleEndian(input, ExtendedStructureSize);
        Write(input[ExtendedPrefixBytes..]);
    }
}
