namespace Gateway.Protocol.Smb2;

/// <summary>Kinds of negotiate context (MS-SMB2 2.2.3.1).</summary>
public enum NegotiateContextType : ushort
{
    PreauthIntegrity = 1,
    Encryption = 2,
    Compression = 3,
    NetName = 5,
    Transport = 6,
    RdmaTransform = 7,
    Signing = 8,
    Posix = 0x100,
}
