namespace Gateway.Protocol.Smb2;

/// <summary>Oplock level on the wire, MS-SMB2 2.2.13, 2.2.14, 2.2.23 and 2.2.24.</summary>
public enum Smb2OplockLevel : byte
{
    None = 0x00,
    LevelII = 0x01,
    Exclusive = 0x08,
    Batch = 0x09,

    /// <summary>Not an oplock: the lease context of the request says what is asked for.</summary>
    Lease = 0xFF,
}
