namespace Gateway.Protocol.Ntlm;

/// <summary>NTLMv2_RESPONSE: the proof and what it is a proof over besides the challenge (MS-NLMP 2.2.2.7, 2.2.2.8).</summary>
public readonly ref struct NtlmV2Response
{
    public const int ProofBytes = 16;

    /// <summary>Of NTLMv2_CLIENT_CHALLENGE, before its list of pairs.</summary>
    private const int FixedBytes = 28;

    /// <summary>Responses of LM and NTLMv1 have so many; this one never.</summary>
    public const int LegacyBytes = 24;

    private const int BytesMin = ProofBytes + FixedBytes + 4;

    private const uint MicPresent = 0x2;

    private NtlmV2Response(ReadOnlySpan<byte> proof, ReadOnlySpan<byte> challenge, bool promisesMic)
    {
        Proof = proof;
        ClientChallenge = challenge;
        PromisesMic = promisesMic;
    }

    public ReadOnlySpan<byte> Proof { get; }

    /// <summary>All that follows the proof: it is proven byte by byte.</summary>
    public ReadOnlySpan<byte> ClientChallenge { get; }

    /// <summary>The client says, under the proof, that its message has a MIC: so nobody can take it out.</summary>
    public bool PromisesMic { get; }

    /// <summary>False for the responses of LM and NTLMv1 too.</summary>
    public static bool TryParse(ReadOnlySpan<byte> response, out NtlmV2Response parsed)
    {
        parsed = default;
        if (response.Length < BytesMin) return false;

        var challenge = response[ProofBytes..];
        if (challenge[0] != 1 || challenge[1] != 1 || !AvPairs.TryParse(challenge[FixedBytes..], out var pairs)) return false;

        // MsvAvFlags is a 32-bit little-endian number.
        var promises = pairs.TryFind(AvId.Flags, out var flags) && flags.Length == sizeof(uint) && (flags[0] & MicPresent) != 0;
        parsed = new NtlmV2Response(response[..ProofBytes], challenge, promises);
        return true;
    }
}
