using Gateway.FileSystem.Data;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Store;

namespace Gateway.FileSystem.Changes;

/// <summary>Sets the size of a file inside a mutation.</summary>
internal static class ContentCut
{
    /// <summary>
    /// Cuts or extends. What is too much for one mutation is left to the background, and the file must not grow until
    /// that is done. The caller puts the inode, and has seen to it that no cut of a growing file is under way.
    /// </summary>
    public static void SetSize(MutationContext context, ulong number, ref Inode inode, long size)
    {
        var old = inode.Size;
        inode.Size = size;
        inode.DataVersion++;
        if (size >= old || (inode.Flags & InodeFlags.Cutting) != 0) return;

        var budget = ReclaimMutation.ExtentsAtOnceMax;
        if (ExtentRows.Clear(context, number, ref inode, size, long.MaxValue, ref budget, []) == long.MaxValue)
            return;

        inode.Flags |= InodeFlags.Cutting;
        ReclaimMutation.Mark(context, number);
    }
}
