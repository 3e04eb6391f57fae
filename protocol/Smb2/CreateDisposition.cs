namespace Gateway.Protocol.Smb2;

/// <summary>CreateDisposition of a CREATE, MS-SMB2 2.2.13: what to do with a name that is there, or is not.</summary>
public enum CreateDisposition : uint
{
    Supersede = 0,
    Open = 1,
    Create = 2,
    OpenIf = 3,
    Overwrite = 4,
    OverwriteIf = 5,
}

/// <summary>CreateAction of the answer, MS-SMB2 2.2.14.</summary>
public enum CreateAction : uint
{
    Superseded = 0,
    Opened = 1,
    Created = 2,
    Overwritten = 3,
}
