using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2.Information;

/// <summary>FileIdInformation, MS-FSCC 2.4.21: the volume's serial number and a file id of 128 bits.</summary>
public readonly record struct FileIdInformation(ulong VolumeSerialNumber, ulong FileId, ulong FileIdHigh)
{
    public const int Bytes = 24;

    public static bool TryParse(ReadOnlySpan<byte> buffer, out FileIdInformation parsed)
    {
        parsed = default;
        if (buffer.Length < Bytes) return false;
        parsed = new FileIdInformation(
            BinaryPrimitives.ReadUInt64LittleEndian(buffer),
            BinaryPrimitives.ReadUInt64LittleEndian(buffer[8..]),
            BinaryPrimitives.ReadUInt64LittleEndian(buffer[16..]));
        return true;
    }

    public void Write(Span<byte> target)
    {
        BinaryPrimitives.WriteUInt64LittleEndian(target, VolumeSerialNumber);
        BinaryPrimitives.WriteUInt64LittleEndian(target[8..], FileId);
        BinaryPrimitives.WriteUInt64LittleEndian(target[16..], FileIdHigh);
    }
}
