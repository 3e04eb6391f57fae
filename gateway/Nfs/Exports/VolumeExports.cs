using Gateway.FileSystem;
using Gateway.Nfs.Rpc;

namespace Gateway.Nfs.Exports;

/// <summary>
/// What may be done in one volume that is open here: by the exports that let a client in, the one nearest to the root decides;
/// where there is none, nobody is let in. Immutable.
/// </summary>
internal sealed class VolumeExports(FileTree tree, IEnumerable<Export> exports)
{
    private readonly Export[] _exports = [.. exports.OrderBy(export => export.DirectoryNames.Count)];

    public FileTree Tree { get; } = tree;

    public ExportClient? Find(RpcPeer peer)
    {
        foreach (var export in _exports)
        {
            if (export.Find(peer) is { } client) return client;
        }

        return null;
    }
}
