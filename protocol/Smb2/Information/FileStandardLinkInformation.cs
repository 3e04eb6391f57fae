using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2.Information;

/// <summary>FileStandardLinkInformation, MS-FSCC 2.4.42.</summary>
public readonly record struct FileStandardLinkInformation(uint AccessibleLinks, uint TotalLinks, bool DeletePending, bool Directory)
{
    public const int Bytes = 12;

    public static bool TryParse(ReadOnlySpan<byte> buffer, out FileStandardLinkInformation parsed)
    {
        parsed = default;
        if (buffer.Length < Bytes) return false;
        parsed = new FileStandardLinkInformation(
            BinaryPrimitives.ReadUInt32LittleEndian(buffer),
            BinaryPrimitives.ReadUInt32LittleEndian(buffer[4..]),
            buffer[8] != 0,
            buffer[9] != 0);
        return true;
    }

    public void Write(Span<byte> target)
    {
        target[..Bytes].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(target, AccessibleLinks);
        BinaryPrimitives.WriteUInt32LittleEndian(target[4..], TotalLinks);
        target[8] = DeletePending ? (byte)1 : (byte)0;
        target[9] = Directory ? (byte)1 : (byte)0;
    }
}
