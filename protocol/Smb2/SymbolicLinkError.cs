using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2;

/// <summary>Error data of STATUS_STOPPED_ON_SYMLINK, MS-SMB2 2.2.2.2.1: where the link leads, and what of the path is left.</summary>
/// <remarks>
/// <code>
///  0 SymLinkLength        4 SymLinkErrorTag "SYML"   8 ReparseTag          12 ReparseDataLength
/// 14 UnparsedPathLength  16 SubstituteNameOffset    18 SubstituteNameLength
/// 20 PrintNameOffset     22 PrintNameLength         24 Flags: 1 relative   28 PathBuffer
/// </code>
/// </remarks>
public static class SymbolicLinkError
{
    private const uint ErrorTag = 0x4C4D5953;
    private const uint ReparseTag = 0xA000000C;
    private const int FixedBytes = 28;

    /// <summary>Bytes of the reparse data before the names.</summary>
    private const int ReparseHeadBytes = 12;

    /// <param name="target">UTF-16, with back slashes.</param>
    /// <param name="unparsedBytes">Bytes of the path's UTF-16 behind the link's name, the separator included.</param>
    /// <param name="isRelative">Relative to the directory the link is in.</param>
    public static byte[] ToBytes(ReadOnlySpan<byte> target, int unparsedBytes, bool isRelative)
    {
        var data = new byte[FixedBytes + 2 * target.Length];
        var span = data.AsSpan();
        BinaryPrimitives.WriteUInt32LittleEndian(span, (uint)(data.Length - 4));
        BinaryPrimitives.WriteUInt32LittleEndian(span[4..], ErrorTag);
        BinaryPrimitives.WriteUInt32LittleEndian(span[8..], ReparseTag);
        BinaryPrimitives.WriteUInt16LittleEndian(span[12..], (ushort)(ReparseHeadBytes + 2 * target.Length));
        BinaryPrimitives.WriteUInt16LittleEndian(span[14..], (ushort)unparsedBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(span[18..], (ushort)target.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(span[20..], (ushort)target.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(span[22..], (ushort)target.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(span[24..], isRelative ? 1u : 0u);
        target.CopyTo(span[FixedBytes..]);
        target.CopyTo(span[(FixedBytes + target.Length)..]);
        return data;
    }
}
