namespace Gateway.Protocol.DceRpc;

/// <summary>Status of a fault, C706 appendix E and MS-RPCE 2.2.1.1.8.</summary>
public enum DceFaultStatus : uint
{
    /// <summary>No fault.</summary>
    None = 0,
    AccessDenied = 0x00000005,

    /// <summary>RPC_X_BAD_STUB_DATA: the parameters are not what the interface says.</summary>
    BadStubData = 0x000006F7,
    RemoteNoMemory = 0x1C00001B,

    /// <summary>nca_s_fault_context_mismatch: the call names a handle that is none.</summary>
    ContextMismatch = 0x1C00001A,

    /// <summary>nca_s_op_rng_error: no such operation.</summary>
    OperationRange = 0x1C010002,

    /// <summary>nca_s_unk_if: no such interface, or one that was not agreed upon.</summary>
    UnknownInterface = 0x1C010003,
    ProtocolError = 0x1C01000B,
}
