using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2.FileControl;

/// <summary>Symbolic Link Reparse Data Buffer, MS-FSCC 2.1.2.4. A view of the data behind the tag.</summary>
/// <remarks>
/// <code>
/// 0 SubstituteNameOffset   2 SubstituteNameLength   4 PrintNameOffset   6 PrintNameLength   8 Flags   12 PathBuffer
/// </code>
/// Offsets count from the path buffer; names are UTF-16 with backslashes.
/// </remarks>
public readonly ref struct SymbolicLinkReparse
{
    /// <summary>Bytes before the path buffer.</summary>
    public const int FixedBytes = 12;

    private const uint RelativeFlag = 1;

    public required ReadOnlySpan<byte> SubstituteName { get; init; }

    public required ReadOnlySpan<byte> PrintName { get; init; }

    /// <summary>SYMLINK_FLAG_RELATIVE.</summary>
    public bool IsRelative { get; init; }

    public static bool TryParse(ReadOnlySpan<byte> data, out SymbolicLinkReparse link)
    {
        link = default;
        if (data.Length < FixedBytes
            || !TryName(data, data, out var substitute)
            || !TryName(data, data[4..], out var print))
        {
            return false;
        }

        link = new SymbolicLinkReparse
        {
            SubstituteName = substitute,
            PrintName = print,
            IsRelative = (BinaryPrimitives.ReadUInt32LittleEndian(data[8..]) & RelativeFlag) != 0,
        };
        return true;
    }

    /// <summary>Writes a whole reparse buffer, its head included; gives its length.</summary>
    public int Write(Span<byte> output)
    {
        var dataBytes = FixedBytes + SubstituteName.Length + PrintName.Length;
        ReparseBuffer.WriteHead(output, ReparseTag.SymbolicLink, dataBytes);

        var data = output[ReparseBuffer.HeadBytes..];
        BinaryPrimitives.WriteUInt16LittleEndian(data, 0);
        BinaryPrimitives.WriteUInt16LittleEndian(data[2..], (ushort)SubstituteName.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(data[4..], (ushort)SubstituteName.Length);
        BinaryPrimitives.WriteUInt16LittleEndian(data[6..], (ushort)PrintName.Length);
        BinaryPrimitives.WriteUInt32LittleEndian(data[8..], IsRelative ? RelativeFlag : 0);
        SubstituteName.CopyTo(data[FixedBytes..]);
        PrintName.CopyTo(data[(FixedBytes + SubstituteName.Length)..]);
        return ReparseBuffer.HeadBytes + dataBytes;
    }

    private static bool TryName(ReadOnlySpan<byte> data, ReadOnlySpan<byte> place, out ReadOnlySpan<byte> name)
    {
        var offset = BinaryPrimitives.ReadUInt16LittleEndian(place);
        var length = BinaryPrimitives.ReadUInt16LittleEndian(place[2..]);
        var paths = data[FixedBytes..];
        name = default;
        if (length % sizeof(char) != 0 || offset + length > paths.Length) return false;
        name = paths.Slice(offset, length);
        return true;
    }
}
