namespace Gateway.FileSystem.Opens;

/// <summary>What an open did (MS-SMB2 2.2.14, CreateAction).</summary>
public enum OpenAction : byte
{
    Superseded = 0,
    Opened = 1,
    Created = 2,
    Overwritten = 3,
}
