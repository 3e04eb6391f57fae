namespace Gateway.Protocol.Ntlm;

/// <summary>NEGOTIATE_MESSAGE, the first of a log-on (MS-NLMP 2.2.1.1). Names the client gives here are not looked at.</summary>
public readonly record struct NtlmNegotiate(NtlmFlags Flags)
{
    private const int FlagsOffset = 12;
    private const int BytesMin = 16;

    public static bool TryParse(ReadOnlySpan<byte> message, out NtlmNegotiate negotiate)
    {
        negotiate = default;
        if (!NtlmMessage.Is(message, NtlmMessageType.Negotiate, BytesMin)) return false;

        negotiate = new NtlmNegotiate(NtlmMessage.Flags(message, FlagsOffset));
        return true;
    }
}
