using System.Buffers.Binary;
using System.Text;

namespace Gateway.Protocol.Ntlm;

/// <summary>CHALLENGE_MESSAGE, the server's (MS-NLMP 2.2.1.2).</summary>
/// <remarks>
/// <code>
///  0 Signature   8 MessageType   12 TargetNameFields   20 NegotiateFlags   24 ServerChallenge
/// 32 Reserved   40 TargetInfoFields   48 Version   56 payload
/// </code>
/// </remarks>
public sealed class NtlmChallenge
{
    public const int ChallengeBytes = 8;

    private const int TargetNameOffset = 12;
    private const int FlagsOffset = 20;
    private const int ChallengeOffset = 24;
    private const int TargetInfoOffset = 40;
    private const int VersionOffset = 48;
    private const int PayloadOffset = 56;
    private const int PairBytes = 4;

    /// <summary>
    /// What the server does whatever the client asked for: cifs of Linux gives up without 128, 56, KEY_EXCH, VERSION
    /// and TARGET_INFO, and NTLMv2 needs the last.
    /// </summary>
    private const NtlmFlags Always =
        NtlmFlags.Ntlm | NtlmFlags.AlwaysSign | NtlmFlags.ExtendedSessionSecurity | NtlmFlags.TargetInfo
        | NtlmFlags.TargetTypeServer | NtlmFlags.Version | NtlmFlags.Negotiate128 | NtlmFlags.Negotiate56
        | NtlmFlags.KeyExchange;

    private const NtlmFlags WhenAsked = NtlmFlags.RequestTarget | NtlmFlags.Sign | NtlmFlags.Seal;

    /// <summary>Windows 10.0, NTLM revision 15: clients switch features by it.</summary>
    private static ReadOnlySpan<byte> Version => [10, 0, 0x63, 0x45, 0, 0, 0, 15];

    public required NtlmFlags Flags { get; init; }

    /// <summary>Random, <see cref="ChallengeBytes"/> of them.</summary>
    public required byte[] ServerChallenge { get; init; }

    /// <summary>The computer for NetBIOS, up to 15 letters; also the domain of a server that is in none.</summary>
    public required string NetBiosName { get; init; }

    public required string DnsName { get; init; }

    /// <summary>As FILETIME. Tells the client to prove the integrity of the messages (MIC).</summary>
    public required long Timestamp { get; init; }

    /// <summary>What the server answers to what the client asked for.</summary>
    public static NtlmFlags Answer(NtlmFlags asked) =>
        Always | (asked & WhenAsked) | ((asked & NtlmFlags.Unicode) != 0 ? NtlmFlags.Unicode : NtlmFlags.Oem);

    public byte[] ToBytes()
    {
        var isUnicode = (Flags & NtlmFlags.Unicode) != 0;
        var target = isUnicode ? Encoding.Unicode.GetBytes(NetBiosName) : Encoding.Latin1.GetBytes(NetBiosName);
        var info = TargetInfo();
        var message = new byte[PayloadOffset + target.Length + info.Length];
        NtlmMessage.Signature.CopyTo(message);
        BinaryPrimitives.WriteUInt32LittleEndian(
            message.AsSpan(NtlmMessage.TypeOffset), (uint)NtlmMessageType.Challenge);
        NtlmMessage.WriteField(message, TargetNameOffset, target.Length, PayloadOffset);
        BinaryPrimitives.WriteUInt32LittleEndian(message.AsSpan(FlagsOffset), (uint)Flags);
        ServerChallenge.AsSpan(0, ChallengeBytes).CopyTo(message.AsSpan(ChallengeOffset));
        NtlmMessage.WriteField(message, TargetInfoOffset, info.Length, PayloadOffset + target.Length);
        Version.CopyTo(message.AsSpan(VersionOffset));
        target.CopyTo(message, PayloadOffset);
        info.CopyTo(message, PayloadOffset + target.Length);
        return message;
    }

    // In the order in which Windows has them; always in UTF-16.
    private byte[] TargetInfo()
    {
        var netBios = Encoding.Unicode.GetBytes(NetBiosName);
        var dns = Encoding.Unicode.GetBytes(DnsName);
        Span<byte> time = stackalloc byte[sizeof(long)];
        BinaryPrimitives.WriteInt64LittleEndian(time, Timestamp);
        var info = new byte[6 * PairBytes + 2 * netBios.Length + 2 * dns.Length + time.Length];
        var rest = Append(info, AvId.NbDomainName, netBios);
        rest = Append(rest, AvId.NbComputerName, netBios);
        rest = Append(rest, AvId.DnsDomainName, dns);
        rest = Append(rest, AvId.DnsComputerName, dns);
        rest = Append(rest, AvId.Timestamp, time);
        Append(rest, AvId.EndOfList, default);
        return info;
    }

    private static Span<byte> Append(Span<byte> rest, AvId id, scoped ReadOnlySpan<byte> value)
    {
        BinaryPrimitives.WriteUInt16LittleEndian(rest, (ushort)id);
        BinaryPrimitives.WriteUInt16LittleEndian(rest[2..], (ushort)value.Length);
        value.CopyTo(rest[PairBytes..]);
        return rest[(PairBytes + value.Length)..];
    }
}
