using System.Net;
using Gateway.FileSystem;
using Gateway.Nfs.Exports;
using Microsoft.Extensions.Logging;

namespace Gateway.Nfs.Locks;

/// <summary>The exported volumes, as lock managers and status monitors see them. Threading: any.</summary>
internal sealed class LockVolumes
{
    private readonly ClientMonitors[] _volumes;

    public LockVolumes(ExportTable exports, ILogger<LockVolumes> logger) =>
        _volumes = [.. exports.Exports.Select(export => export.Tree).Distinct().Select(tree => new ClientMonitors(tree, logger))];

    /// <summary>
    /// Our own status monitor number. It is odd (up) and never changes: locks survive our restart as rows, so there is nothing
    /// to reclaim, nobody to notify and no grace period.
    /// </summary>
    public int State => _volumes.Length == 0 ? 1 : Math.Max(1, _volumes[0].Tree.Monitors.State);

    public ClientMonitors Of(FileTree tree) => Array.Find(_volumes, volume => ReferenceEquals(volume.Tree, tree))!;

    /// <summary>Hosts known to hold locks, over all volumes.</summary>
    public int ClientCount => _volumes.Sum(volume => volume.Count);

    /// <summary>Puts our state number where it survives. Called once at start, when the volumes can be written.</summary>
    public async ValueTask<FileStatus> EstablishStateAsync()
    {
        foreach (var volume in _volumes)
        {
            if ((volume.Tree.Monitors.State & 1) != 0) continue;

            var status = await volume.Tree.Monitors.SetStateAsync(1);
            if (status != FileStatus.Ok) return status;
        }

        return FileStatus.Ok;
    }

    /// <summary>A host says that it has restarted.</summary>
    public async ValueTask<FileStatus> RestartedAsync(IPAddress address, byte[] name, int state, bool isPrivileged)
    {
        foreach (var volume in _volumes)
        {
            var status = await volume.RestartedAsync(address, name, state, isPrivileged);
            if (status != FileStatus.Ok) return status;
        }

        return FileStatus.Ok;
    }

    /// <summary>A host gives up everything it holds.</summary>
    public async ValueTask<FileStatus> ReleaseAsync(LockClient client)
    {
        foreach (var volume in _volumes)
        {
            var status = await volume.ReleaseAsync(client);
            if (status != FileStatus.Ok) return status;
        }

        return FileStatus.Ok;
    }
}
