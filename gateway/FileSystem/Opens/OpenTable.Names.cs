using Gateway.FileSystem.Security;
using Gateway.Replication.Store;

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

    /// <summary>
    /// A name changes, in the mutation that changes it: so do the rows of persistent opens that came by it. In memory it
    /// changes at once too, for what is recorded of them before the others hear of it.
    /// </summary>
    internal void RecordMove(
        MutationContext rows, NodeId node, (NodeId Directory, byte[] Name) from, (NodeId Directory, byte[] Name) to)
    {
        if (Find(node) is not { PersistentOpens: > 0 } entry) return;
        lock (entry.Sync)
        {
            if (entry.FindName(from.Directory, from.Name) is not { } name) return;

            name.Place = new Place(to.Directory, to.Name);
            entry.NoteChange(open => open.Link == name);
            entry.Record(rows);
        }
    }

    /// <summary>The same for the name of a stream.</summary>
    internal void RecordStreamMove(MutationContext rows, NodeId file, ulong stream, byte[] toName)
    {
        if (Find(file) is not { PersistentOpens: > 0 } entry) return;
        lock (entry.Sync)
        {
            foreach (var content in entry.Contents)
            {
                if (content.Node.Inode != stream) continue;
                foreach (var open in content.Opens) open.RenameTo(toName);
            }

            entry.Record(rows);
        }
    }

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
