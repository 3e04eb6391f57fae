using System.Diagnostics.CodeAnalysis;
using System.Security.Cryptography;
using System.Text;

namespace Gateway.Protocol.Ntlm;

/// <summary>The computations of NTLMv2, and the session key that comes out of them (MS-NLMP 3.3.2, 3.4.5).</summary>
[SuppressMessage("Security", "CA5351", Justification = "The protocol knows nothing stronger than HMAC-MD5.")]
public static class NtlmV2
{
    public const int KeyBytes = 16;

    /// <summary>NTOWFv2: from the hash of the password, and from the names as the client wrote them.</summary>
    public static void ResponseKey(ReadOnlySpan<byte> ntHash, string user, string domain, Span<byte> key)
    {
        var names = Encoding.Unicode.GetBytes(user.ToUpperInvariant() + domain);
        HMACMD5.HashData(ntHash, names, key);
    }

    /// <summary>Whether the client knows the response key; and the key that the session is based on.</summary>
    /// <remarks>The comparison takes the same time for every proof.</remarks>
    public static bool Verify(
        ReadOnlySpan<byte> responseKey, ReadOnlySpan<byte> serverChallenge, NtlmV2Response response, Span<byte> sessionBaseKey)
    {
        Span<byte> proof = stackalloc byte[NtlmV2Response.ProofBytes];
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.MD5, responseKey);
        hmac.AppendData(serverChallenge);
        hmac.AppendData(response.ClientChallenge);
        hmac.GetHashAndReset(proof);
        HMACMD5.HashData(responseKey, proof, sessionBaseKey);
        return CryptographicOperations.FixedTimeEquals(proof, response.Proof);
    }

    /// <summary>The exported session key: chosen by the client when the two exchange keys. False when it is missing.</summary>
    public static bool TryExportKey(
        NtlmFlags flags, ReadOnlySpan<byte> sessionBaseKey, ReadOnlySpan<byte> encryptedSessionKey, Span<byte> exported)
    {
        if ((flags & NtlmFlags.KeyExchange) == 0)
        {
            sessionBaseKey.CopyTo(exported);
            return true;
        }

        if (encryptedSessionKey.Length != KeyBytes) return false;

        new Rc4(sessionBaseKey).Transform(encryptedSessionKey, exported);
        return true;
    }

    /// <summary>Whether the MIC in the AUTHENTICATE message proves that nobody changed any of the three (3.1.5.1.2).</summary>
    public static bool VerifyMic(
        ReadOnlySpan<byte> exportedKey, ReadOnlySpan<byte> negotiate, ReadOnlySpan<byte> challenge, ReadOnlySpan<byte> authenticate)
    {
        const int MicEnd = NtlmAuthenticate.MicOffset + NtlmAuthenticate.MicBytes;
        if (authenticate.Length < MicEnd) return false;

        Span<byte> mic = stackalloc byte[NtlmAuthenticate.MicBytes];
        mic.Clear();
        using var hmac = IncrementalHash.CreateHMAC(HashAlgorithmName.MD5, exportedKey);
        hmac.AppendData(negotiate);
        hmac.AppendData(challenge);
        hmac.AppendData(authenticate[..NtlmAuthenticate.MicOffset]);
        hmac.AppendData(mic);
        hmac.AppendData(authenticate[MicEnd..]);
        hmac.GetHashAndReset(mic);
        return CryptographicOperations.FixedTimeEquals(mic, authenticate[NtlmAuthenticate.MicOffset..MicEnd]);
    }
}
