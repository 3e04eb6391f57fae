using System.Buffers.Binary;

namespace Gateway.Protocol.Smb2;

/// <summary>
/// The NEGOTIATE of SMB 1 by which old clients, and those that do not know yet, ask for SMB 2 (MS-SMB2 3.3.5.3, MS-CIFS
/// 2.2.4.52.1). Nothing else of SMB 1 is understood.
/// </summary>
/// <remarks>
/// <code>
/// 0 FF 'S' 'M' 'B'   4 Command 0x72   5 …   32 WordCount 0   33 ByteCount   35 dialects: 0x02, name, NUL
/// </code>
/// </remarks>
public readonly record struct Smb1Negotiate(bool OffersSmb202, bool OffersWildcard)
{
    /// <summary>FF 'S' 'M' 'B' read as a little-endian number.</summary>
    public const uint ProtocolId = 0x424D53FF;

    private const int HeaderBytes = 32;
    private const byte NegotiateCommand = 0x72;
    private const byte DialectMark = 0x02;

    public static bool TryParse(ReadOnlySpan<byte> message, out Smb1Negotiate negotiate)
    {
        negotiate = default;
        if (message.Length < HeaderBytes + 3
            || BinaryPrimitives.ReadUInt32LittleEndian(message) != ProtocolId
            || message[4] != NegotiateCommand
            || message[HeaderBytes] != 0)
        {
            return false;
        }

        int count = BinaryPrimitives.ReadUInt16LittleEndian(message[(HeaderBytes + 1)..]);
        var names = message[(HeaderBytes + 3)..];
        if (count > names.Length) return false;

        names = names[..count];
        while (!names.IsEmpty)
        {
            var end = names.IndexOf((byte)0);
            if (names[0] != DialectMark || end < 0) return false;

            var name = names[1..end];
            if (name.SequenceEqual("SMB 2.002"u8)) negotiate = negotiate with { OffersSmb202 = true };
            if (name.SequenceEqual("SMB 2.???"u8)) negotiate = negotiate with { OffersWildcard = true };
            names = names[(end + 1)..];
        }

        return true;
    }
}
