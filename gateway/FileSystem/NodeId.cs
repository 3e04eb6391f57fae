namespace Gateway.FileSystem;

/// <summary>
/// A node of the volume: inode number (never reused within the volume) and the generation it was made with, so that a
/// handle from before a restore to an older state does not reach a newer file.
/// </summary>
public readonly record struct NodeId(ulong Inode, uint Generation)
{
    /// <summary>Inode number of the root directory.</summary>
    public const ulong RootInode = 1;
}
