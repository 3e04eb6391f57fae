using Gateway.FileSystem;
using Gateway.Nfs.Rpc;
using Gateway.Protocol.Wire;

namespace Gateway.Nfs.Exports;

/// <summary>All exports: what MOUNT hands out and what every request is checked against.</summary>
/// <remarks>
/// Immutable, so safe for any thread. See <see cref="ExportOptions"/> for what a sub-directory export is worth.
/// </remarks>
internal sealed class ExportTable
{
    /// <summary>A connection of many users remembers this many of them; the others cost a little more.</summary>
    private const int RememberedMax = 16;

    private readonly Export[] _exports;
    private readonly VolumeExports[] _volumes;

    /// <exception cref="ExportException">The options make no sense.</exception>
    public ExportTable(IEnumerable<ExportOptions> exports, IReadOnlyDictionary<string, FileTree> volumes)
    {
        var all = exports.ToList();
        Check(all, volumes.ContainsKey);
        _exports = [.. all.Select(options => new Export(options, volumes[options.Volume]))];
        _volumes = [.. _exports.GroupBy(export => export.Tree).Select(group => new VolumeExports(group.Key, group))];
    }

    /// <summary>What can be said about the options before the volumes are there.</summary>
    /// <exception cref="ExportException">The options make no sense.</exception>
    public static void Check(IReadOnlyCollection<ExportOptions> exports, Func<string, bool> isVolume)
    {
        foreach (var options in exports)
        {
            if (!isVolume(options.Volume))
                throw new ExportException($"The export '{options.Path}' names the unknown volume '{options.Volume}'.");

            Export.Check(options);
        }

        var twice = exports.GroupBy(export => export.Path.TrimEnd('/')).FirstOrDefault(group => group.Count() > 1);
        if (twice is not null) throw new ExportException($"'{twice.Key}' is exported twice.");
    }

    public IReadOnlyList<Export> Exports => _exports;

    /// <summary>The export of the longest path that this one lies in, or null.</summary>
    public Export? Find(IReadOnlyList<byte[]> path)
    {
        Export? best = null;
        foreach (var export in _exports)
        {
            if (!ExportPath.IsPrefix(export.PathNames, path)) continue;
            if (best is null || best.PathNames.Count < export.PathNames.Count) best = export;
        }

        return best;
    }

    /// <summary>Checks a request against the exports and opens its handle.</summary>
    public Admission Enter(RpcContext call, ReadOnlySpan<byte> handle, out NodeId node)
    {
        node = default;
        if (!HandleSeal.TryReadVolume(handle, out var volumeId)) return Admission.BadHandle;

        foreach (var volume in _volumes)
        {
            if (volume.Tree.VolumeId != volumeId) continue;

            return volume.Tree.Handles.TryOpen(handle, out node)
                ? Admit(volume, call.Peer, call.Caller)
                : Admission.BadHandle;
        }

        return Admission.Stale;
    }

    // The connection's array is replaced, never changed: several calls of a connection may look at once, and one of
    // two that add at the same time may be forgotten.
    private static Admission Admit(VolumeExports volume, RpcPeer peer, RpcCredentials credentials)
    {
        var remembered = peer.Admissions;
        foreach (var admission in remembered)
        {
            if (ReferenceEquals(admission.Credentials, credentials) && ReferenceEquals(admission.Tree, volume.Tree))
                return admission;
        }

        if (volume.Find(peer) is not { } client || !client.AcceptsPort(peer)) return Admission.Refused;

        var admitted = new Admission(volume.Tree, credentials, client.ToCaller(credentials), client.IsReadOnly);
        peer.Admissions = [admitted, .. remembered.Take(RememberedMax - 1)];
        return admitted;
    }

    // Nearest to the root first: that export decides.
    private sealed class VolumeExports(FileTree tree, IEnumerable<Export> exports)
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
}
