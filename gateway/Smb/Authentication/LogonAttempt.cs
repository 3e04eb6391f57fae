using Gateway.Protocol.Ntlm;

namespace Gateway.Smb.Authentication;

/// <summary>The three messages of an NTLM log-on, the last of them parsed (MS-NLMP 3.2.5.1.2).</summary>
/// <remarks>For one thread at a time.</remarks>
internal sealed class LogonAttempt
{
    private readonly byte[] _negotiate;
    private readonly byte[] _challenge;
    private readonly byte[] _authenticate;
    private readonly byte[] _serverChallenge;

    private LogonAttempt(byte[] negotiate, byte[] challenge, byte[] authenticate, byte[] serverChallenge)
    {
        _negotiate = negotiate;
        _challenge = challenge;
        _authenticate = authenticate;
        _serverChallenge = serverChallenge;
    }

    public required string User { get; init; }

    public required NtlmFlags Flags { get; init; }

    public required bool IsAnonymous { get; init; }

    /// <summary>The exported session key, once the proof was right.</summary>
    public byte[] SessionKey { get; } = new byte[NtlmV2.KeyBytes];

    /// <summary>
    /// Times a response key was derived and the proof computed with it: once, whatever comes of it, so that nothing can be
    /// learnt from the time it takes.
    /// </summary>
    public int Proofs { get; private set; }

    /// <summary>Null when the last message is none.</summary>
    public static LogonAttempt? TryMake(byte[] negotiate, byte[] challenge, byte[] authenticate, byte[] serverChallenge) =>
        NtlmAuthenticate.TryParse(authenticate, out var message)
            ? new LogonAttempt(negotiate, challenge, authenticate, serverChallenge)
            {
                User = message.User,
                Flags = message.Flags,
                IsAnonymous = message.IsAnonymous,
            }
            : null;

    /// <summary>Checks the proof and the MIC against the hash of a password.</summary>
    public LogonFailure Verify(ReadOnlySpan<byte> ntHash)
    {
        if (!NtlmAuthenticate.TryParse(_authenticate, out var message)) return LogonFailure.Malformed;
        if (message.NtResponse.Length <= NtlmV2Response.LegacyBytes) return LogonFailure.LegacyResponse;
        if (!NtlmV2Response.TryParse(message.NtResponse, out var response)) return LogonFailure.Malformed;

        Span<byte> responseKey = stackalloc byte[NtlmV2.KeyBytes];
        Span<byte> baseKey = stackalloc byte[NtlmV2.KeyBytes];
        NtlmV2.ResponseKey(ntHash, message.User, message.Domain, responseKey);
        Proofs++;
        if (!NtlmV2.Verify(responseKey, _serverChallenge, response, baseKey)) return LogonFailure.WrongPassword;
        if (!NtlmV2.TryExportKey(message.Flags, baseKey, message.EncryptedSessionKey, SessionKey)) return LogonFailure.Malformed;

        return !response.PromisesMic || NtlmV2.VerifyMic(SessionKey, _negotiate, _challenge, _authenticate)
            ? LogonFailure.None
            : LogonFailure.Altered;
    }

    /// <summary>Nobody proves nothing, but may have chosen a key: under a base key of zeros (3.2.5.1.2).</summary>
    public bool TryExportAnonymousKey() =>
        NtlmAuthenticate.TryParse(_authenticate, out var message)
        && NtlmV2.TryExportKey(message.Flags, new byte[NtlmV2.KeyBytes], message.EncryptedSessionKey, SessionKey);
}
