namespace Gateway.Protocol.Smb2;

/// <summary>SecurityMode of NEGOTIATE and SESSION_SETUP (MS-SMB2 2.2.3, 2.2.5).</summary>
[Flags]
public enum Smb2SecurityMode : ushort
{
    None = 0,
    SigningEnabled = 1,
    SigningRequired = 2,
}
