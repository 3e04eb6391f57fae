using Gateway.FileSystem.Notices;
using Gateway.FileSystem.Watches;

namespace Gateway.Smb.Opens;

/// <summary>What CHANGE_NOTIFY keeps with the open of a directory.</summary>
/// <remarks>Threading: any.</remarks>
internal sealed class DirectoryWatch
{
    private readonly Lock _gate = new();
    private Watch? _watch;

    /// <summary>
    /// The watch of the directory. The first request says what is watched and how much is kept; those after it get what
    /// has gathered (MS-FSA 2.1.5.10). Null when there are too many watches.
    /// </summary>
    public Watch? Start(SmbOpen open, ChangedParts filter, bool subtree, int bytesMax)
    {
        Watch added;
        lock (_gate)
        {
            if (_watch is { } present) return present;
            if (open.File is not { } directory || directory.Tree.Watches.Add(directory.File, filter, subtree, bytesMax) is not { } watch)
                return null;

            _watch = added = watch;
        }

        open.OnClosing(added.Dispose);
        return added;
    }
}
