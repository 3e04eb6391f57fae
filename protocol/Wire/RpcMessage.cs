namespace Gateway.Protocol.Wire;

/// <summary>msg_type, RFC 5531 §9.</summary>
public enum RpcMessageType : uint
{
    Call = 0,
    Reply = 1,
}

/// <summary>reply_stat, RFC 5531 §9.</summary>
public enum RpcReplyStatus : uint
{
    Accepted = 0,
    Denied = 1,
}

/// <summary>accept_stat, RFC 5531 §9: how an authenticated call ended.</summary>
public enum RpcAcceptStatus : uint
{
    Success = 0,
    ProgramUnavailable = 1,
    ProgramMismatch = 2,
    ProcedureUnavailable = 3,
    GarbageArguments = 4,
    SystemError = 5,
}

/// <summary>reject_stat, RFC 5531 §9.</summary>
public enum RpcRejectStatus : uint
{
    VersionMismatch = 0,
    AuthenticationError = 1,
}

/// <summary>auth_stat, RFC 5531 §9: why a caller was refused.</summary>
public enum RpcAuthStatus : uint
{
    Ok = 0,
    BadCredential = 1,
    RejectedCredential = 2,
    BadVerifier = 3,
    RejectedVerifier = 4,
    TooWeak = 5,
    InvalidResponse = 6,
    Failed = 7,
}

/// <summary>auth_flavor, RFC 5531 §8.2 and its registry.</summary>
public enum RpcAuthFlavor : uint
{
    None = 0,
    Sys = 1,
    ShortHand = 2,
    Dh = 3,
    Gss = 6,
}

/// <summary>Bounds of RFC 5531 that every message obeys.</summary>
public static class RpcBounds
{
    public const uint RpcVersion = 2;

    /// <summary>opaque_auth body, RFC 5531 §8.2.</summary>
    public const int AuthBytesMax = 400;

    /// <summary>machinename of AUTH_SYS, RFC 5531 Appendix A.</summary>
    public const int MachineNameBytesMax = 255;

    /// <summary>gids of AUTH_SYS, RFC 5531 Appendix A.</summary>
    public const int GroupsMax = 16;
}
