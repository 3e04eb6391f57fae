using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2.Information;

/// <summary>FILE_NAME_INFORMATION, MS-FSCC 2.1.7: for the classes Name, AlternateName and NormalizedName.</summary>
public static class FileNameInformation
{
    /// <summary>FileNameLength.</summary>
    public const int FixedBytes = 4;

    public static bool TryParse(ReadOnlySpan<byte> buffer, out ReadOnlySpan<byte> name)
    {
        name = default;
        if (buffer.Length < FixedBytes) return false;
        var length = BinaryPrimitives.ReadUInt32LittleEndian(buffer);
        if (length % sizeof(char) != 0 || length > (uint)(buffer.Length - FixedBytes)) return false;
        name = buffer.Slice(FixedBytes, (int)length);
        return true;
    }

    /// <summary>Writes the length; the caller puts the name, in UTF-16, behind it.</summary>
    public static void Write(Span<byte> target, int nameBytes) =>
        BinaryPrimitives.WriteUInt32LittleEndian(target, (uint)nameBytes);
}
