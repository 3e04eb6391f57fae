using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2.Information;

/// <summary>FileCompressionInformation, MS-FSCC 2.4.9. Nothing is compressed here, so the format and the shifts are zero.</summary>
public readonly record struct FileCompressionInformation(long CompressedFileSize)
{
    public const int Bytes = 16;

    public static bool TryParse(ReadOnlySpan<byte> buffer, out FileCompressionInformation parsed)
    {
        parsed = default;
        if (buffer.Length < Bytes) return false;
        parsed = new FileCompressionInformation(BinaryPrimitives.ReadInt64LittleEndian(buffer));
        return true;
    }

    public void Write(Span<byte> target)
    {
        target[..Bytes].Clear();
        BinaryPrimitives.WriteInt64LittleEndian(target, CompressedFileSize);
    }
}
