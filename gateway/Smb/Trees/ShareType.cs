namespace Gateway.Smb.Trees;

/// <summary>ShareType of TREE_CONNECT (MS-SMB2 2.2.10).</summary>
internal enum ShareType : byte
{
    Disk = 1,
    Pipe = 2,
}
