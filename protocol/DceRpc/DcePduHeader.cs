using System.Buffers.Binary;

namespace Gateway.Protocol.DceRpc;

/// <summary>The common header of connection-oriented PDUs, C706 12.6.3.1, MS-RPCE 2.2.2.1.</summary>
/// <remarks>
/// <code>
/// 0 rpc_vers=5 | 1 rpc_vers_minor | 2 PTYPE | 3 pfc_flags | 4 packed_drep (4) | 8 frag_length | 10 auth_length | 12 call_id
/// </code>
/// </remarks>
public readonly record struct DcePduHeader
{
    public const int Bytes = 16;

    private const byte Version = 5;
    private const byte MinorVersionMax = 1;

    /// <summary>Little endian, ASCII, IEEE: the only one MS-RPCE lets a client send.</summary>
    private const uint LittleEndian = 0x00000010;

    /// <summary>What stands in front of the authentication value: type, level, padding, context.</summary>
    private const int AuthenticationHeaderBytes = 8;

    public required DcePduType Type { get; init; }

    public required DcePduFlags Flags { get; init; }

    /// <summary>Of the whole PDU, this header and an authentication trailer included.</summary>
    public required int FragmentBytes { get; init; }

    public int AuthenticationBytes { get; init; }

    public required uint CallId { get; init; }

    /// <summary>Reads the header; the PDU itself may still be incomplete.</summary>
    public static bool TryParse(ReadOnlySpan<byte> input, out DcePduHeader header)
    {
        header = default;
        if (input.Length < Bytes || input[0] != Version || input[1] > MinorVersionMax) return false;

        // The last two bytes of the data representation are reserved, and some clients set them.
        if ((BinaryPrimitives.ReadUInt32LittleEndian(input[4..]) & 0xFFFF) != LittleEndian) return false;

        header = new DcePduHeader
        {
            Type = (DcePduType)input[2],
            Flags = (DcePduFlags)input[3],
            FragmentBytes = BinaryPrimitives.ReadUInt16LittleEndian(input[8..]),
            AuthenticationBytes = BinaryPrimitives.ReadUInt16LittleEndian(input[10..]),
            CallId = BinaryPrimitives.ReadUInt32LittleEndian(input[12..]),
        };
        var trailer = header.AuthenticationBytes == 0 ? 0 : header.AuthenticationBytes + AuthenticationHeaderBytes;
        return header.FragmentBytes >= Bytes + trailer;
    }

    public void Write(Span<byte> target)
    {
        target[0] = Version;
        target[1] = 0;
        target[2] = (byte)Type;
        target[3] = (byte)Flags;
        BinaryPrimitives.WriteUInt32LittleEndian(target[4..], LittleEndian);
        BinaryPrimitives.WriteUInt16LittleEndian(target[8..], (ushort)FragmentBytes);
        BinaryPrimitives.WriteUInt16LittleEndian(target[10..], (ushort)AuthenticationBytes);
        BinaryPrimitives.WriteUInt32LittleEndian(target[12..], CallId);
    }
}
