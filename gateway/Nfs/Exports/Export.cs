using System.Text;
using Gateway.FileSystem;
using Gateway.Nfs.Rpc;

namespace Gateway.Nfs.Exports;

/// <summary>One exported directory of a volume. Immutable.</summary>
internal sealed class Export
{
    private readonly ExportClient[] _clients;

    /// <exception cref="ExportException">The options make no sense.</exception>
    public Export(ExportOptions options, FileTree tree)
    {
        (PathNames, DirectoryNames, _clients) = Parse(options);
        Path = options.Path;
        Tree = tree;
    }

    /// <exception cref="ExportException">The options make no sense.</exception>
    public static void Check(ExportOptions options) => Parse(options);

    /// <summary>The names of the path that an export has, or would have.</summary>
    public static IReadOnlyList<byte[]> PathOf(ExportOptions options) => Parse(options).Path;

    private static (IReadOnlyList<byte[]> Path, IReadOnlyList<byte[]> Directory, ExportClient[] Clients) Parse(
        ExportOptions options)
    {
        if (!options.Path.StartsWith('/'))
            throw new ExportException($"The export path '{options.Path}' must begin with '/'.");

        if (!ExportPath.TrySplit(Encoding.UTF8.GetBytes(options.Path), out var path) || path.Count == 0)
            throw new ExportException($"'{options.Path}' cannot be an export path.");

        if (!ExportPath.TrySplit(Encoding.UTF8.GetBytes(options.Directory), out var directory))
            throw new ExportException($"'{options.Directory}' is no directory below the root of a volume.");

        return (path, directory, [.. options.Clients.Select(client => new ExportClient(client))]);
    }

    public string Path { get; }

    public IReadOnlyList<byte[]> PathNames { get; }

    /// <summary>The way from the volume's root to what is exported.</summary>
    public IReadOnlyList<byte[]> DirectoryNames { get; }

    public FileTree Tree { get; }

    public IEnumerable<string> ClientMatches => _clients.Select(client => client.Match);

    /// <summary>The rule for this client; null when it is not let in.</summary>
    public ExportClient? Find(RpcPeer peer)
    {
        foreach (var client in _clients)
        {
            if (client.Matches(peer)) return client;
        }

        return null;
    }

    /// <summary>
    /// Walks down from the volume's root to a directory, as root: what a handle is good for is decided by every
    /// request that uses it. Symbolic links are not followed.
    /// </summary>
    public async ValueTask<(FileStatus Status, NodeId Node)> FindAsync(IReadOnlyList<byte[]> names)
    {
        var node = Tree.Root;
        foreach (var name in names)
        {
            var found = await Tree.LookupAsync(node, name, Caller.Root);
            if (found.Status != FileStatus.Ok) return (found.Status, default);
            if (found.Attributes.Type != NodeType.Directory) return (FileStatus.NotDirectory, default);

            node = found.Attributes.Node;
        }

        // The root is asked for too, so that nobody mounts what cannot be read.
        var attributes = await Tree.GetAttributesAsync(node);
        return (attributes.Status, node);
    }
}
