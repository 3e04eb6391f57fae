namespace Gateway.Smb.Authentication;

/// <summary>Why somebody was not let in. For counters and the log; clients are not told.</summary>
internal enum LogonFailure
{
    None,

    /// <summary>A token that is no token of SPNEGO or NTLM, or comes out of order.</summary>
    Malformed,

    /// <summary>The client can do nothing that the server can.</summary>
    NoCommonMechanism,

    /// <summary>LM or NTLMv1.</summary>
    LegacyResponse,
    UnknownUser,
    WrongPassword,
    Disabled,

    /// <summary>The messages, or the choice of the mechanism, were changed on the way.</summary>
    Altered,

    /// <summary>Too many failures before.</summary>
    Throttled,

    /// <summary>The user's secret does not open, or the control plane does not answer.</summary>
    Unavailable,
}
