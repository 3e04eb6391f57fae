namespace Gateway.Protocol.Smb2;

/// <summary>ShareAccess of a CREATE, MS-SMB2 2.2.13: what other opens may do meanwhile.</summary>
[Flags]
public enum ShareAccess : uint
{
    None = 0,
    Read = 1,
    Write = 2,
    Delete = 4,
    All = Read | Write | Delete,
}
