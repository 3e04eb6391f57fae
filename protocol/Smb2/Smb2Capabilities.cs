namespace Gateway.Protocol.Smb2;

/// <summary>SMB2_GLOBAL_CAP flags of NEGOTIATE (MS-SMB2 2.2.3, 2.2.4).</summary>
[Flags]
public enum Smb2Capabilities : uint
{
    None = 0,
    Dfs = 0x01,
    Leasing = 0x02,
    LargeMtu = 0x04,
    MultiChannel = 0x08,
    PersistentHandles = 0x10,
    DirectoryLeasing = 0x20,
    Encryption = 0x40,
    Notifications = 0x80,
}
