namespace Gateway.Protocol.Smb2.Cryptography;

/// <summary>Signing algorithms by the ids of SMB2_SIGNING_CAPABILITIES (MS-SMB2 2.2.3.1.7).</summary>
public enum Smb2SigningAlgorithm : ushort
{
    /// <summary>Dialects 2.0.2 and 2.1 know nothing else.</summary>
    HmacSha256 = 0,

    /// <summary>What SMB 3 signs with unless another was agreed.</summary>
    AesCmac = 1,

    AesGmac = 2,
}
