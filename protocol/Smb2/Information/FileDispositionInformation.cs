using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2.Information;

/// <summary>Flags of FileDispositionInformationEx, MS-FSCC 2.4.12.</summary>
[Flags]
public enum FileDispositionFlags : uint
{
    DoNotDelete = 0,
    Delete = 0x1,
    PosixSemantics = 0x2,
    ForceImageSectionCheck = 0x4,
    OnClose = 0x8,
    IgnoreReadOnlyAttribute = 0x10,
}

/// <summary>FileDispositionInformation (MS-FSCC 2.4.11), a byte, and FileDispositionInformationEx (2.4.12), flags.</summary>
public static class FileDispositionInformation
{
    public const int Bytes = 1;

    public const int ExtendedBytes = 4;

    public static bool TryParse(ReadOnlySpan<byte> buffer, bool extended, out FileDispositionFlags flags)
    {
        flags = default;
        if (buffer.Length < (extended ? ExtendedBytes : Bytes)) return false;
        if (extended) flags = (FileDispositionFlags)BinaryPrimitives.ReadUInt32LittleEndian(buffer);
        else if (buffer[0] != 0) flags = FileDispositionFlags.Delete;
        return true;
    }
}
