namespace Gateway.Protocol.Ntlm;

/// <summary>AUTHENTICATE_MESSAGE, with which the client proves its password (MS-NLMP 2.2.1.3). A view of the message.</summary>
/// <remarks>
/// <code>
///  0 Signature   8 MessageType   12 LmChallengeResponse   20 NtChallengeResponse   28 DomainName   36 UserName
/// 44 Workstation   52 EncryptedRandomSessionKey   60 NegotiateFlags   64 Version   72 MIC (16)   payload
/// </code>
/// </remarks>
public readonly ref struct NtlmAuthenticate
{
    public const int MicOffset = 72;
    public const int MicBytes = 16;

    private const int FlagsOffset = 60;

    /// <summary>Clients of the last century end the fixed part here.</summary>
    private const int BytesMin = 64;

    private NtlmAuthenticate(NtlmFlags flags) => Flags = flags;

    public NtlmFlags Flags { get; }

    public ReadOnlySpan<byte> LmResponse { get; private init; }

    public ReadOnlySpan<byte> NtResponse { get; private init; }

    public string Domain { get; private init; } = "";

    public string User { get; private init; } = "";

    public ReadOnlySpan<byte> EncryptedSessionKey { get; private init; }

    /// <summary>
    /// Nobody claims to be anybody: no name, no NT response, and an LM response of nothing or one zero byte
    /// (MS-NLMP 3.2.5.1.2).
    /// </summary>
    public bool IsAnonymous =>
        User.Length == 0 && NtResponse.IsEmpty && (LmResponse.IsEmpty || (LmResponse.Length == 1 && LmResponse[0] == 0));

    public static bool TryParse(ReadOnlySpan<byte> message, out NtlmAuthenticate authenticate)
    {
        authenticate = default;
        if (!NtlmMessage.Is(message, NtlmMessageType.Authenticate, BytesMin)) return false;

        var flags = NtlmMessage.Flags(message, FlagsOffset);
        if (!NtlmMessage.TryReadField(message, 12, out var lmResponse)
            || !NtlmMessage.TryReadField(message, 20, out var ntResponse)
            || !NtlmMessage.TryReadField(message, 28, out var domain)
            || !NtlmMessage.TryReadField(message, 36, out var user)
            || !NtlmMessage.TryReadField(message, 44, out _)
            || !NtlmMessage.TryReadField(message, 52, out var sessionKey)
            || !NtlmMessage.TryReadText(domain, flags, out var domainText)
            || !NtlmMessage.TryReadText(user, flags, out var userText))
        {
            return false;
        }

        authenticate = new NtlmAuthenticate(flags)
        {
            LmResponse = lmResponse,
            NtResponse = ntResponse,
            Domain = domainText,
            User = userText,
            EncryptedSessionKey = sessionKey,
        };
        return true;
    }
}
