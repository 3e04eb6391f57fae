namespace Gateway.Protocol.DceRpc;

/// <summary>p_result_t of a proposal, C706 12.6.3.1.</summary>
public readonly record struct DceBindResult(DceBindOutcome Outcome, DceRejection Reason, DceSyntax Transfer)
{
    public static DceBindResult Accepted => new(DceBindOutcome.Acceptance, DceRejection.None, DceSyntax.Ndr);

    /// <summary>None of the features of MS-RPCE 2.2.2.14; the reason field is the bits of those that are there.</summary>
    public static DceBindResult NoFeatures => new(DceBindOutcome.NegotiateAcknowledge, DceRejection.None, default);

    public static DceBindResult Rejected(DceRejection reason) => new(DceBindOutcome.ProviderRejection, reason, default);
}

/// <summary>p_cont_def_result_t, and MS-RPCE 2.2.2.4.</summary>
public enum DceBindOutcome : ushort
{
    Acceptance = 0,
    UserRejection = 1,
    ProviderRejection = 2,
    NegotiateAcknowledge = 3,
}

/// <summary>p_provider_reason_t.</summary>
public enum DceRejection : ushort
{
    None = 0,
    AbstractSyntaxNotSupported = 1,
    ProposedTransferSyntaxesNotSupported = 2,
    LocalLimitExceeded = 3,
}

/// <summary>p_reject_reason_t of a bind_nak, C706 12.6.3.1, MS-RPCE 2.2.2.5.</summary>
public enum DceBindRejection : ushort
{
    NotSpecified = 0,
    TemporaryCongestion = 1,
    LocalLimitExceeded = 2,
    ProtocolVersionNotSupported = 4,
    AuthenticationTypeNotRecognized = 8,
}
