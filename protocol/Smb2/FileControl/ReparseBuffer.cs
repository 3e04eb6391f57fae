using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2.FileControl;

/// <summary>Tags of reparse points, MS-FSCC 2.1.2.1: those that say what a Unix node is.</summary>
public enum ReparseTag : uint
{
    None = 0,

    /// <summary>IO_REPARSE_TAG_NFS.</summary>
    Nfs = 0x80000014,

    /// <summary>IO_REPARSE_TAG_MOUNT_POINT.</summary>
    MountPoint = 0xA0000003,

    /// <summary>IO_REPARSE_TAG_SYMLINK.</summary>
    SymbolicLink = 0xA000000C,

    /// <summary>IO_REPARSE_TAG_LX_SYMLINK.</summary>
    LinuxSymbolicLink = 0xA000001D,
}

/// <summary>REPARSE_DATA_BUFFER, MS-FSCC 2.1.2.2. A view of the input.</summary>
/// <remarks>
/// <code>
/// 0 ReparseTag   4 ReparseDataLength   6 Reserved   8 DataBuffer
/// </code>
/// </remarks>
public readonly ref struct ReparseBuffer
{
    public const int HeadBytes = 8;

    /// <summary>MAXIMUM_REPARSE_DATA_BUFFER_SIZE.</summary>
    public const int BytesMax = 16 << 10;

    public required ReparseTag Tag { get; init; }

    public required ReadOnlySpan<byte> Data { get; init; }

    /// <summary>The length has to be the one of the input, to the byte.</summary>
    public static bool TryParse(ReadOnlySpan<byte> input, out ReparseBuffer buffer)
    {
        buffer = default;
        if (input.Length is < HeadBytes or > BytesMax) return false;
        if (BinaryPrimitives.ReadUInt16LittleEndian(input[4..]) != input.Length - HeadBytes) return false;

        buffer = new ReparseBuffer
        {
            Tag = (ReparseTag)BinaryPrimitives.ReadUInt32LittleEndian(input),
            Data = input[HeadBytes..],
        };
        return true;
    }

    public static void WriteHead(Span<byte> output, ReparseTag tag, int dataBytes)
    {
        BinaryPrimitives.WriteUInt32LittleEndian(output, (uint)tag);
        BinaryPrimitives.WriteUInt16LittleEndian(output[4..], (ushort)dataBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(output[6..], 0);
    }
}
