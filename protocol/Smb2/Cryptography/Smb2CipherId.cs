namespace Gateway.Protocol.Smb2.Cryptography;

/// <summary>Ciphers by the ids of SMB2_ENCRYPTION_CAPABILITIES (MS-SMB2 2.2.3.1.2).</summary>
public enum Smb2CipherId : ushort
{
    /// <summary>No cipher in common.</summary>
    None = 0,

    /// <summary>What the dialects 3.0 and 3.0.2 encrypt with.</summary>
    Aes128Ccm = 1,

    Aes128Gcm = 2,
    Aes256Ccm = 3,
    Aes256Gcm = 4,
}
