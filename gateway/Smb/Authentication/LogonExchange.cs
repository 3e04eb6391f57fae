using System.Net;
using System.Security.Cryptography;
using Gateway.Protocol.Ntlm;
using Gateway.Protocol.Smb2;
using Gateway.Protocol.Spnego;

namespace Gateway.Smb.Authentication;

/// <summary>
/// One log-on from its first token to success or failure: NTLM in SPNEGO (RFC 4178, MS-SPNG), or as it is.
/// </summary>
/// <remarks>
/// <code>
///               NTLM preferred, or raw                              AUTHENTICATE
///   Begin ───────────────────────────────────────▶ Challenged ────────────────────▶ Done
///     │                                                ▲
///     │ NTLM offered behind another: request-mic       │ NEGOTIATE
///     └──────────────────────────▶ Chosen ─────────────┘
/// </code>
/// Tokens come one after the other: the caller lets one in at a time. After a failure nothing more is accepted.
/// </remarks>
internal sealed class LogonExchange(Authenticator authenticator, IPAddress client)
{
    private Stage _stage = Stage.Begin;
    private bool _isRaw;

    /// <summary>Somebody might have taken the client's first choice off its list: its signature of the list must come.</summary>
    private bool _requiresMic;
    private byte[] _mechanismList = [];
    private byte[] _negotiate = [];
    private byte[] _challenge = [];
    private byte[] _serverChallenge = [];

    private enum Stage
    {
        Begin,

        /// <summary>The client was told to use NTLM and has not begun with it.</summary>
        Chosen,
        Challenged,
        Done,
    }

    /// <summary>Takes the client's next token.</summary>
    public async ValueTask<LogonStep> AcceptAsync(ReadOnlyMemory<byte> token, CancellationToken cancellation)
    {
        var stage = _stage;
        _stage = Stage.Done;
        switch (stage)
        {
            case Stage.Begin:
                return Begin(token.Span);
            case Stage.Chosen:
                return SpnegoResponse.TryParse(token.Span, out var response) && response.State != SpnegoState.Reject
                    ? Challenge(response.ResponseToken, namesNtlm: false)
                    : Refuse(LogonFailure.Malformed);
            case Stage.Challenged:
                return await FinishAsync(token, cancellation);
            default:
                return Refuse(LogonFailure.Malformed);
        }
    }

    private LogonStep Begin(ReadOnlySpan<byte> token)
    {
        if (NtlmMessage.IsNtlm(token))
        {
            _isRaw = true;
            return Challenge(token, namesNtlm: false);
        }

        if (!SpnegoInit.TryParse(token, out var init)) return Refuse(LogonFailure.Malformed);
        if (!init.OffersNtlm) return Refuse(LogonFailure.NoCommonMechanism);

        _mechanismList = init.MechanismList.ToArray();
        if (init.PrefersNtlm && !init.MechanismToken.IsEmpty) return Challenge(init.MechanismToken, namesNtlm: true);

        // The optimistic token, if any, is one of a mechanism the server does not have.
        _requiresMic = !init.PrefersNtlm;
        _stage = Stage.Chosen;
        var state = _requiresMic ? SpnegoState.RequestMic : SpnegoState.AcceptIncomplete;
        return LogonStep.More(SpnegoWriter.Response(state, namesNtlm: true, default, default));
    }

    private LogonStep Challenge(ReadOnlySpan<byte> message, bool namesNtlm)
    {
        if (!NtlmNegotiate.TryParse(message, out var negotiate)) return Refuse(LogonFailure.Malformed);

        _negotiate = message.ToArray();
        _serverChallenge = RandomNumberGenerator.GetBytes(NtlmChallenge.ChallengeBytes);
        _challenge = new NtlmChallenge
        {
            Flags = NtlmChallenge.Answer(negotiate.Flags),
            ServerChallenge = _serverChallenge,
            NetBiosName = authenticator.NetBiosName,
            DnsName = authenticator.DnsName,
            Timestamp = authenticator.Time.GetUtcNow().ToFileTime(),
        }.ToBytes();
        _stage = Stage.Challenged;
        return LogonStep.More(_isRaw
            ? _challenge
            : SpnegoWriter.Response(SpnegoState.AcceptIncomplete, namesNtlm, _challenge, default));
    }

    private async ValueTask<LogonStep> FinishAsync(ReadOnlyMemory<byte> token, CancellationToken cancellation)
    {
        if (!TryUnwrap(token.Span, out var authenticate, out var listMic)
            || LogonAttempt.TryMake(_negotiate, _challenge, authenticate, _serverChallenge) is not { } attempt)
        {
            return Refuse(LogonFailure.Malformed);
        }

        var result = await authenticator.LogOnAsync(attempt, client, cancellation);
        if (result.Status != NtStatus.Success) return LogonStep.Failed(result.Status);
        if (_isRaw) return new LogonStep(NtStatus.Success, [], result.User, result.SessionKey);

        return TryCountersign(attempt, listMic, out var ourMic)
            ? new LogonStep(
                NtStatus.Success,
                SpnegoWriter.Response(SpnegoState.AcceptCompleted, namesNtlm: false, default, ourMic),
                result.User,
                result.SessionKey)
            : Refuse(LogonFailure.Altered);
    }

    private bool TryUnwrap(ReadOnlySpan<byte> token, out byte[] authenticate, out byte[] listMic)
    {
        listMic = [];
        authenticate = [];
        if (_isRaw)
        {
            authenticate = token.ToArray();
            return true;
        }

        if (!SpnegoResponse.TryParse(token, out var response) || response.State == SpnegoState.Reject) return false;

        authenticate = response.ResponseToken.ToArray();
        listMic = response.MechanismListMic.ToArray();
        return true;
    }

    // A client that signs its list gets the server's signature of it (RFC 4178, 5).
    private bool TryCountersign(LogonAttempt attempt, byte[] theirMic, out byte[] ourMic)
    {
        ourMic = [];
        if (theirMic.Length == 0) return !_requiresMic;
        if ((attempt.Flags & NtlmFlags.ExtendedSessionSecurity) == 0) return false;
        if (!NtlmSigner.OfClient(attempt.SessionKey, attempt.Flags).Verify(_mechanismList, theirMic)) return false;

        ourMic = NtlmSigner.OfServer(attempt.SessionKey, attempt.Flags).Sign(_mechanismList);
        return true;
    }

    private LogonStep Refuse(LogonFailure cause)
    {
        authenticator.Refused(client, cause);
        return LogonStep.Failed(
            cause == LogonFailure.NoCommonMechanism ? NtStatus.LogonFailure : NtStatus.InvalidParameter);
    }
}
