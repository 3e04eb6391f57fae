namespace Gateway.Protocol.Smb2;

/// <summary>LeaseState, MS-SMB2 2.2.13.2.8: what the client may cache.</summary>
[Flags]
public enum Smb2LeaseState : uint
{
    None = 0,
    Read = 1,
    Handle = 2,
    Write = 4,
    All = Read | Handle | Write,
}

/// <summary>Flags of a lease context and of a lease break, MS-SMB2 2.2.13.2.10, 2.2.14.2.11 and 2.2.23.2.</summary>
[Flags]
public enum Smb2LeaseFlags : uint
{
    None = 0,

    /// <summary>SMB2_NOTIFY_BREAK_LEASE_FLAG_ACK_REQUIRED, in a break notification.</summary>
    AcknowledgementRequired = 1,

    /// <summary>SMB2_LEASE_FLAG_BREAK_IN_PROGRESS, in the answer of a CREATE.</summary>
    BreakInProgress = 2,

    /// <summary>SMB2_LEASE_FLAG_PARENT_LEASE_KEY_SET, in a version 2 context.</summary>
    ParentKeySet = 4,
}
