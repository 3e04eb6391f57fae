using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2.FileControl;

/// <summary>FSCTL_GET_INTEGRITY_INFORMATION_BUFFER, MS-FSCC 2.3.20: no checksums that a client could manage.</summary>
/// <remarks>
/// <code>
/// 0 ChecksumAlgorithm   2 Reserved   4 Flags   8 ChecksumChunkSizeInBytes   12 ClusterSizeInBytes
/// </code>
/// </remarks>
public readonly record struct IntegrityInformation(uint ClusterBytes)
{
    public const int Bytes = 16;

    public static bool TryParse(ReadOnlySpan<byte> output, out IntegrityInformation information)
    {
        information = default;
        if (output.Length < Bytes) return false;
        information = new IntegrityInformation(BinaryPrimitives.ReadUInt32LittleEndian(output[12..]));
        return true;
    }

    public void Write(Span<byte> output)
    {
        output[..Bytes].Clear();
        BinaryPrimitives.WriteUInt32LittleEndian(output[12..], ClusterBytes);
    }
}
