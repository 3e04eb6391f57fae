namespace Gateway.FileSystem.Opens;

/// <summary>What an open lets others do at the same time (MS-SMB2 2.2.13, ShareAccess).</summary>
[Flags]
public enum ShareModes : byte
{
    None = 0,
    Read = 1,
    Write = 2,
    Delete = 4,
    All = 7,
}
