namespace Gateway.Protocol.DceRpc;

/// <summary>PTYPE of a connection-oriented PDU, C706 12.6.4.</summary>
public enum DcePduType : byte
{
    Request = 0,
    Response = 2,
    Fault = 3,
    Bind = 11,
    BindAck = 12,
    BindNak = 13,
    AlterContext = 14,
    AlterContextResponse = 15,

    /// <summary>rpc_auth_3, MS-RPCE 2.2.2.5: the third leg of an authentication.</summary>
    Authenticate = 16,
    Shutdown = 17,
    Cancel = 18,
    Orphaned = 19,
}

/// <summary>pfc_flags, C706 12.6.3.1.</summary>
[Flags]
public enum DcePduFlags : byte
{
    None = 0,
    FirstFragment = 0x01,
    LastFragment = 0x02,
    PendingCancel = 0x04,
    ConcurrentMultiplexing = 0x10,

    /// <summary>The call was not carried out; only of a fault.</summary>
    DidNotExecute = 0x20,
    Maybe = 0x40,
    ObjectUuid = 0x80,

    /// <summary>The only fragment.</summary>
    Whole = FirstFragment | LastFragment,
}
