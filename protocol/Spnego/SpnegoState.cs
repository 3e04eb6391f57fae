namespace Gateway.Protocol.Spnego;

/// <summary>negState (RFC 4178, 4.2.2).</summary>
public enum SpnegoState
{
    AcceptCompleted = 0,
    AcceptIncomplete = 1,
    Reject = 2,

    /// <summary>Not the client's first choice, so the choice itself must be signed.</summary>
    RequestMic = 3,
}
