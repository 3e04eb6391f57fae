using System.Collections.Concurrent;
using Gateway.FileSystem.Notices;

namespace Gateway.FileSystem.Watches;

/// <summary>
/// Who watches which directory of a volume; takes the changes of the tree, of all protocols, to them. Thread-safe. With
/// nobody watching a change costs one comparison.
/// </summary>
public sealed class WatchTable : TreeListener
{
    /// <summary>Watches of one volume.</summary>
    public const int WatchesMax = 1 << 16;

    /// <summary>What one watch may gather between two requests.</summary>
    public const int BytesMax = 1 << 20;

    private readonly FileTree _tree;
    private readonly Lock _sync = new();
    private readonly ConcurrentDictionary<ulong, Watch[]> _watches = [];
    private int _count;
    private int _subtrees;

    internal WatchTable(FileTree tree) => _tree = tree;

    public int Count => Volatile.Read(ref _count);

    public override bool IsListening => Count != 0;

    /// <summary>Begins to watch a directory; null when there are too many watches.</summary>
    /// <param name="subtree">Also what is below, with paths from the directory.</param>
    /// <param name="bytesMax">What gathers at most between two requests, as the client will be told it.</param>
    public Watch? Add(NodeId directory, ChangedParts filter, bool subtree, int bytesMax)
    {
        lock (_sync)
        {
            if (_count >= WatchesMax) return null;

            var added = new Watch(this, directory, filter, subtree, Math.Clamp(bytesMax, 0, BytesMax));
            _watches[directory.Inode] = [.. _watches.GetValueOrDefault(directory.Inode, []), added];
            _count++;
            if (subtree) _subtrees++;
            return added;
        }
    }

    internal void Remove(Watch watch)
    {
        lock (_sync)
        {
            if (!_watches.TryGetValue(watch.Directory.Inode, out var present) || !present.Contains(watch)) return;

            var left = present.Where(other => other != watch).ToArray();
            if (left.Length == 0) _watches.TryRemove(watch.Directory.Inode, out _);
            else _watches[watch.Directory.Inode] = left;
            _count--;
            if (watch.Subtree) _subtrees--;
        }
    }

    /// <summary>The directory is gone, or goes with its last open.</summary>
    internal void Doom(NodeId directory)
    {
        if (Count == 0) return;
        foreach (var watch in Of(directory)) watch.End(WatchOutcome.DirectoryDeleted);
    }

    public override void OnChange(TreeChange change)
    {
        if (Count == 0) return;

        switch (change.Kind)
        {
            case TreeChangeKind.Added:
                Tell(change, WatchAction.Added);
                break;
            case TreeChangeKind.Removed:
                Tell(change, WatchAction.Removed);
                if (change.Type == NodeType.Directory) Doom(change.Node);
                break;
            case TreeChangeKind.Modified:
                Tell(change, WatchAction.Modified);
                break;
            case TreeChangeKind.Renamed:
                TellRenamed(change);
                break;
            case TreeChangeKind.StreamAdded:
                Tell(change, WatchAction.AddedStream);
                break;
            case TreeChangeKind.StreamRemoved:
                Tell(change, WatchAction.RemovedStream);
                break;
            case TreeChangeKind.StreamRenamed:
                Tell(change.Directory, change.Name, change.FromName, WatchAction.RemovedStream, change.Parts);
                Tell(change, WatchAction.AddedStream);
                break;
            case TreeChangeKind.StreamModified:
                Tell(change, WatchAction.ModifiedStream);
                break;
            default:
                break;
        }
    }

    /// <summary>
    /// Within a directory the name changes; from one to another it goes here and comes there. Windows tells of a
    /// renamed file once more, as if it were new, and clients wait for that.
    /// </summary>
    private void TellRenamed(TreeChange change)
    {
        var stays = change.FromDirectory == change.Directory;
        var (left, came) = stays
            ? (WatchAction.RenamedOldName, WatchAction.RenamedNewName)
            : (WatchAction.Removed, WatchAction.Added);
        Tell(change.FromDirectory, change.FromName, default, left, change.Parts);
        Tell(change, came);
        if (change.Type != NodeType.Directory)
        {
            var again = ChangedParts.Attributes | ChangedParts.Creation;
            Tell(change.Directory, change.Name, default, WatchAction.Modified, again);
        }
    }

    private void Tell(TreeChange change, WatchAction action) =>
        Tell(change.Directory, change.Name, change.Stream, action, change.Parts);

    private void Tell(
        NodeId directory, ReadOnlyMemory<byte> name, ReadOnlyMemory<byte> stream, WatchAction action,
        ChangedParts parts)
    {
        var path = new List<ReadOnlyMemory<byte>> { name };
        foreach (var watch in Of(directory)) Tell(watch, path, stream, action, parts);
        if (Volatile.Read(ref _subtrees) == 0) return;

        foreach (var (above, below) in _tree.Ascend(directory))
        {
            path.Insert(0, below);
            foreach (var watch in Of(above))
            {
                if (watch.Subtree) Tell(watch, path, stream, action, parts);
            }
        }
    }

    private static void Tell(
        Watch watch, List<ReadOnlyMemory<byte>> path, ReadOnlyMemory<byte> stream, WatchAction action,
        ChangedParts parts)
    {
        if ((watch.Filter & parts) != 0) watch.Add(new WatchEvent(action, [.. path]) { Stream = stream });
    }

    private Watch[] Of(NodeId directory) =>
        _watches.TryGetValue(directory.Inode, out var present)
            ? Array.FindAll(present, watch => watch.Directory == directory)
            : [];
}
