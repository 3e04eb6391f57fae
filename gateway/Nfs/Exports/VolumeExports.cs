using Gateway.FileSystem;
using Gateway.Nfs.Rpc;

namespace Gateway.Nfs.Exports;

/// <summary>
/// What may be done in one volume that is open here: by the exports that let a client in, the one nearest to the root decides;
/// where there is none, nobody is let in. Immutable.
/// </summary>
/// <param name="opened">The volume and who was there before.</param>
/// <param name="exports">Of the volume.</param>
internal sealed class VolumeExports(OpenedVolume opened, IEnumerable<Export> exports)
{
    private readonly Export[] _exports = [.. exports.OrderBy(export => export.DirectoryNames.Count)];

    public FileTree Tree { get; } = opened.Tree;

    /// <summary>
    /// The connection is older than our ownership of the volume. What it brings may have been sent, given up, and answered by
    /// an owner before us, so it must not be carried out; the client sends again what it still wants.
    /// </summary>
    public bool IsOlder(RpcPeer peer) => peer.Id <= opened.NewestPeer && !peer.IsDatagram;

    public ExportClient? Find(RpcPeer peer)
    {
        foreach (var export in _exports)
        {
            if (export.Find(peer) is { } client) return client;
        }

        return null;
    }
}

/// <param name="Tree">The volume.</param>
/// <param name="NewestPeer">The <see cref="RpcPeer.Id"/> of the last connection that was there when it was opened.</param>
internal readonly record struct OpenedVolume(FileTree Tree, long NewestPeer);
