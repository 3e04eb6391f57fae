namespace Gateway.Protocol.Smb2;

/// <summary>Flags of the SMB2 header (MS-SMB2 2.2.1.2).</summary>
[Flags]
public enum Smb2HeaderFlags : uint
{
    None = 0,

    /// <summary>SERVER_TO_REDIR: a response.</summary>
    Response = 0x00000001,

    /// <summary>The header has the asynchronous form: an AsyncId where the process and tree ids are.</summary>
    Async = 0x00000002,

    /// <summary>RELATED_OPERATIONS: session, tree and file are those of the element before.</summary>
    Related = 0x00000004,

    /// <summary>SIGNED.</summary>
    HasSignature = 0x00000008,

    PriorityMask = 0x00000070,
    Dfs = 0x10000000,

    /// <summary>REPLAY_OPERATION: the request was sent before, on a channel that broke.</summary>
    Replay = 0x20000000,
}
