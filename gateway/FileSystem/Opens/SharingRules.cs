using Gateway.FileSystem.Locks;
using Gateway.FileSystem.Security;

namespace Gateway.FileSystem.Opens;

/// <summary>Share modes against access (MS-FSA 2.1.5.1.2.2). Runs under the lock of the opened file.</summary>
internal static class SharingRules
{
    private const AccessMask Reads = AccessMask.ReadData | AccessMask.Execute;
    private const AccessMask Writes = AccessMask.WriteData | AccessMask.AppendData;
    private const AccessMask Counts = Reads | Writes | AccessMask.Delete;

    /// <summary>True when an open of the content stands against the new one, or a stream against its removal.</summary>
    public static bool Violates(OpenedFile file, NodeId content, AccessMask access, ShareModes share)
    {
        if ((access & Counts) == 0) return false;

        foreach (var present in file.Contents)
        {
            if (present.Node == content)
            {
                if (present.Opens.Exists(open => Violates(open, access, share))) return true;
            }
            else if (content == file.Node && (access & AccessMask.Delete) != 0)
            {
                // The file goes with its streams.
                if (present.Opens.Exists(open => (open.Share & ShareModes.Delete) == 0)) return true;
            }
        }

        return false;
    }

    /// <summary>Access in the words of reservations.</summary>
    public static ShareAccess Accessed(AccessMask access) =>
        ((access & Reads) != 0 ? ShareAccess.Read : ShareAccess.None)
        | ((access & Writes) != 0 ? ShareAccess.Write : ShareAccess.None);

    /// <summary>What a share mode leaves to reservations.</summary>
    public static ShareAccess Shared(ShareModes share) =>
        ((share & ShareModes.Read) != 0 ? ShareAccess.Read : ShareAccess.None)
        | ((share & ShareModes.Write) != 0 ? ShareAccess.Write : ShareAccess.None);

    private static bool Violates(Open open, AccessMask access, ShareModes share)
    {
        if ((open.Access & Counts) == 0) return false;
        return Violates(open, access, share, Writes, ShareModes.Write)
            || Violates(open, access, share, Reads, ShareModes.Read)
            || Violates(open, access, share, AccessMask.Delete, ShareModes.Delete);
    }

    private static bool Violates(Open open, AccessMask access, ShareModes share, AccessMask bits, ShareModes mode) =>
        ((access & bits) != 0 && (open.Share & mode) == 0) || ((open.Access & bits) != 0 && (share & mode) == 0);
}
