using Gateway.FileSystem.Security;

namespace Gateway.FileSystem.Opens;

public sealed partial class OpenTable
{
    /// <summary>True for a directory whose name goes with its last open: nothing may be made in it any more.</summary>
    internal bool IsDoomed(NodeId directory)
    {
        if (Find(directory) is not { } entry) return false;
        lock (entry.Sync) return entry.Names.Exists(name => name.DeletePending);
    }

    /// <summary>Names in a directory do not change while somebody else may delete it.</summary>
    internal bool IsOpenToDelete(NodeId directory, Open by)
    {
        if (Find(directory) is not { } entry) return false;
        lock (entry.Sync)
        {
            return entry.Find(directory) is { } content
                && content.Opens.Exists(open => open != by && (open.Access & AccessMask.Delete) != 0);
        }
    }

    /// <summary>True unless somebody has the file open who does not share its deletion (ADR 13).</summary>
    internal bool MayBeReplaced(NodeId file)
    {
        if (Find(file) is not { } entry) return true;
        lock (entry.Sync)
        {
            return entry.Contents.TrueForAll(
                content => content.Opens.TrueForAll(open => (open.Share & ShareModes.Delete) != 0));
        }
    }

    /// <summary>
    /// True when something below a directory is open. Looks at all opens: renames of directories are rare, and an index
    /// would cost every open.
    /// </summary>
    internal bool HasOpensBelow(NodeId directory) =>
        All().Any(open => open.File != directory && Tree.IsWithin(open.Directory, directory));

    /// <summary>Renames that did not come by an open, of NFS: opens of the file go with its name.</summary>
    internal void Follow(NodeId node, NodeId from, ReadOnlySpan<byte> fromName, NodeId to, ReadOnlySpan<byte> toName)
    {
        if (Find(node) is not { } entry) return;
        lock (entry.Sync)
        {
            if (entry.FindName(from, fromName) is { } name) name.Place = new Place(to, toName.ToArray());
        }
    }
}
