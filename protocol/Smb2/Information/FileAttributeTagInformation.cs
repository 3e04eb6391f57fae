using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2.Information;

/// <summary>FileAttributeTagInformation, MS-FSCC 2.4.6.</summary>
public readonly record struct FileAttributeTagInformation(Smb2FileAttributes FileAttributes, uint ReparseTag)
{
    public const int Bytes = 8;

    public static bool TryParse(ReadOnlySpan<byte> buffer, out FileAttributeTagInformation parsed)
    {
        parsed = default;
        if (buffer.Length < Bytes) return false;
        parsed = new FileAttributeTagInformation(
            (Smb2FileAttributes)BinaryPrimitives.ReadUInt32LittleEndian(buffer),
            BinaryPrimitives.ReadUInt32LittleEndian(buffer[4..]));
        return true;
    }

    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(target, (uint)FileAttributes);
        BinaryPrimitives.WriteUInt32LittleEndian(target[4..], ReparseTag);
    }
}
