namespace Gateway.Protocol.Smb2;

/// <summary>ImpersonationLevel of a CREATE, MS-SMB2 2.2.13.</summary>
public enum ImpersonationLevel : uint
{
    Anonymous = 0,
    Identification = 1,
    Impersonation = 2,
    Delegate = 3,
}
