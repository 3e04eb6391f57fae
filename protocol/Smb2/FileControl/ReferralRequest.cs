using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2.FileControl;

/// <summary>
/// REQ_GET_DFS_REFERRAL and REQ_GET_DFS_REFERRAL_EX, MS-DFSC 2.2.2 and 2.2.3. A view of the input.
/// </summary>
/// <remarks>
/// <code>
/// 0 MaxReferralLevel   2 RequestFileName (UTF-16, ends with a NUL)
/// 0 MaxReferralLevel   2 RequestFlags   4 RequestDataLength   8 FileNameLength   10 RequestFileName   site
/// </code>
/// </remarks>
public readonly ref struct ReferralRequest
{
    private const int ExtendedBytes = 8;

    public required ushort MaxReferralLevel { get; init; }

    /// <summary>UTF-16, without the NUL.</summary>
    public required ReadOnlySpan<byte> FileName { get; init; }

    public static bool TryParse(ReadOnlySpan<byte> input, out ReferralRequest request)
    {
        request = default;
        if (input.Length < 2 * sizeof(ushort)) return false;

        var name = input[sizeof(ushort)..];
        for (var at = 0; at + 1 < name.Length; at += sizeof(char))
        {
            if (name[at] != 0 || name[at + 1] != 0) continue;
            request = new ReferralRequest
            {
                MaxReferralLevel = BinaryPrimitives.ReadUInt16LittleEndian(input),
                FileName = name[..at],
            };
            return true;
        }

        return false;
    }

    public static bool TryParseExtended(ReadOnlySpan<byte> input, out ReferralRequest request)
    {
        request = default;
        if (input.Length < ExtendedBytes + sizeof(ushort)) return false;

        var dataBytes = BinaryPrimitives.ReadUInt32LittleEndian(input[4..]);
        if (dataBytes < sizeof(ushort) || dataBytes > input.Length - ExtendedBytes) return false;

        var data = input.Slice(ExtendedBytes, (int)dataBytes);
        var nameBytes = BinaryPrimitives.ReadUInt16LittleEndian(data);
        if (nameBytes % sizeof(char) != 0 || nameBytes > data.Length - sizeof(ushort)) return false;

        request = new ReferralRequest
        {
            MaxReferralLevel = BinaryPrimitives.ReadUInt16LittleEndian(input),
            FileName = data.Slice(sizeof(ushort), nameBytes),
        };
        return true;
    }

    /// <summary>Writes an input of the short form; gives its length.</summary>
    public int Write(Span<byte> input)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(input, MaxReferralLevel);
        FileName.CopyTo(input[sizeof(ushort)..]);
        BinaryPrimitives.WriteUInt16LittleEndian(input[(sizeof(ushort) + FileName.Length)..], 0);
        return sizeof(ushort) + FileName.Length + sizeof(char);
    }

    /// <summary>Writes an input of the long form, without a site; gives its length.</summary>
    public int WriteExtended(Span<byte> input)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(input, MaxReferralLevel);
        BinaryPrimitives.WriteUInt16LittleEndian(input[2..], 0);
        BinaryPrimitives.WriteUInt32LittleEndian(input[4..], (uint)(sizeof(ushort) + FileName.Length));
        BinaryPrimitives.WriteUInt16LittleEndian(input[ExtendedBytes..], (ushort)FileName.Length);
        FileName.CopyTo(input[(ExtendedBytes + sizeof(ushort))..]);
        return ExtendedBytes + sizeof(ushort) + FileName.Length;
    }
}
