using Gateway.FileSystem.Security;
using Gateway.FileSystem.Tables;
using Gateway.Replication.Rows;

namespace Gateway.FileSystem;

/// <summary>From names to nodes over many directories, and back.</summary>
public sealed partial class FileTree
{
    /// <summary>Levels of directories that are walked upwards; deeper ones have no path.</summary>
    private const int LevelsMax = 4096;

    /// <summary>
    /// Follows names from a directory. With a token each directory on the way must let it pass (MS-FSA 2.1.5.1, path
    /// traversal). Symbolic links are not followed.
    /// </summary>
    public ValueTask<WalkResult> WalkAsync(
        NodeId start, IReadOnlyList<ReadOnlyMemory<byte>> names, NameMatch match, SecurityToken? token,
        CancellationToken cancellation = default)
    {
        WalkResult result;
        using (var rows = _store.OpenSnapshot()) result = Walk(rows, start, names, match, token);

        return ConfirmAsync(
            _store.ConfirmReadAsync(cancellation), result, new WalkResult(FileStatus.Unavailable, default, default, [], 0));
    }

    /// <summary>
    /// The names from the volume's root to a node, by its youngest name; null when it has none, or only ones that are
    /// not known.
    /// </summary>
    public ValueTask<IReadOnlyList<ReadOnlyMemory<byte>>?> PathOfAsync(
        NodeId node, CancellationToken cancellation = default) => PathBelowAsync(Root, node, cancellation);

    /// <summary>The names from a directory to a node below it; null when it is not there.</summary>
    public ValueTask<IReadOnlyList<ReadOnlyMemory<byte>>?> PathBelowAsync(
        NodeId above, NodeId node, CancellationToken cancellation = default)
    {
        IReadOnlyList<ReadOnlyMemory<byte>>? path;
        using (var rows = _store.OpenSnapshot()) path = PathBelow(rows, above, node);

        return ConfirmAsync(_store.ConfirmReadAsync(cancellation), path, null);
    }

    /// <summary>The directories above a node, nearest first, each with the name in it that leads there.</summary>
    internal IReadOnlyList<(NodeId Directory, ReadOnlyMemory<byte> Name)> Ascend(NodeId node)
    {
        var found = new List<(NodeId, ReadOnlyMemory<byte>)>();
        using var rows = _store.OpenSnapshot();
        for (var number = node.Inode; number != NodeId.RootInode && found.Count < LevelsMax;)
        {
            if (!NameRows.TryGetOwn(rows, number, out var above, out var name)
                || !NodeRows.TryGet(rows, above, out var inode))
            {
                break;
            }

            found.Add((new NodeId(above, inode.Generation), name));
            number = above;
        }

        return found;
    }

    private static List<ReadOnlyMemory<byte>>? PathBelow(IRowSnapshot rows, NodeId above, NodeId node)
    {
        if (!NodeRows.TryGet(rows, above, out _) || !NodeRows.TryGet(rows, node, out _)) return null;

        var names = new List<ReadOnlyMemory<byte>>();
        for (var number = node.Inode; number != above.Inode;)
        {
            if (names.Count == LevelsMax || !NameRows.TryGetOwn(rows, number, out var directory, out var name))
                return null;
            names.Add(name);
            number = directory;
        }

        names.Reverse();
        return names;
    }

    private WalkResult Walk(
        IRowSnapshot rows, NodeId start, IReadOnlyList<ReadOnlyMemory<byte>> names, NameMatch match,
        SecurityToken? token)
    {
        if (!NodeRows.TryGet(rows, start, out var inode)) return new WalkResult(FileStatus.Stale, default, default, [], 0);

        var found = new List<ReadOnlyMemory<byte>>(names.Count);
        var at = Describe(start.Inode, inode);
        var directory = at;
        for (var i = 0; i < names.Count; i++)
        {
            var status = Enter(rows, at.Node.Inode, inode, token);
            if (status != FileStatus.Ok) return new WalkResult(status, at, directory, found, i);

            directory = at;
            status = Find(rows, at.Node.Inode, names[i], match, out var number, out var stored);
            if (status == FileStatus.NoEntry && i < names.Count - 1) status = FileStatus.PathNotFound;
            if (status != FileStatus.Ok) return new WalkResult(status, at, directory, found, i);
            if (!NodeRows.TryGet(rows, number, out inode)) throw new InvalidDataException("A name leads nowhere.");

            at = Describe(number, inode);
            found.Add(stored);
        }

        return new WalkResult(FileStatus.Ok, at, directory, found, names.Count);
    }

    private FileStatus Find(
        IRowSnapshot rows, ulong directory, ReadOnlyMemory<byte> name, NameMatch match, out ulong number,
        out ReadOnlyMemory<byte> stored)
    {
        number = 0;
        stored = default;
        var status = FileName.Check(name.Span);
        if (status != FileStatus.Ok) return status;
        if (!NameRows.TryFind(rows, directory, name, match, out var link, out stored)
            && !(match == NameMatch.IgnoreCase && ShortNames.TryFind(rows, directory, name.Span, out link, out stored)))
        {
            return FileStatus.NoEntry;
        }

        number = link.Inode;
        return FileStatus.Ok;
    }

    /// <summary>May names be looked up in the node?</summary>
    private FileStatus Enter(IRowSnapshot rows, ulong number, in Inode inode, SecurityToken? token)
    {
        if (inode.Type == NodeType.SymbolicLink) return FileStatus.StoppedOnSymbolicLink;
        if (!inode.IsDirectory) return FileStatus.NotDirectory;
        if (token is null || token.IsAdministrator) return FileStatus.Ok;

        var passes = (inode.Flags & InodeFlags.HasDescriptor) == 0
            ? Permissions.Allow(inode, token.Caller, Permissions.Execute)
            : AccessCheck.AllowsTraversal(ReadDescriptor(rows, number, inode), token);
        return passes ? FileStatus.Ok : FileStatus.AccessDenied;
    }
}
