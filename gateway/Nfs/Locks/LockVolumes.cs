using System.Net;
using Gateway.FileSystem;
using Microsoft.Extensions.Logging;

namespace Gateway.Nfs.Locks;

/// <summary>The volumes that are open, as lock managers and status monitors see them. Threading: any.</summary>
internal sealed class LockVolumes(ILogger<LockVolumes> logger)
{
    private readonly Lock _gate = new();
    private volatile ClientMonitors[] _volumes = [];

    /// <summary>
    /// Our own status monitor number. It is odd (up) and never changes: locks survive our restart as rows, so there is nothing
    /// to reclaim, nobody to notify and no grace period.
    /// </summary>
    public int State => _volumes is [var first, ..] ? Math.Max(1, first.Tree.Monitors.State) : 1;

    /// <summary>Null when the volume has been closed meanwhile.</summary>
    public ClientMonitors? Of(FileTree tree) => Array.Find(_volumes, volume => ReferenceEquals(volume.Tree, tree));

    /// <summary>Hosts known to hold locks, over all volumes.</summary>
    public int ClientCount => _volumes.Sum(volume => volume.Count);

    /// <summary>Takes a volume in, before its first request, and puts our state number where it survives.</summary>
    public async ValueTask<FileStatus> OpenAsync(FileTree tree)
    {
        if ((tree.Monitors.State & 1) == 0)
        {
            var status = await tree.Monitors.SetStateAsync(1);
            if (status != FileStatus.Ok) return status;
        }

        lock (_gate) _volumes = [.. _volumes, new ClientMonitors(tree, logger)];
        return FileStatus.Ok;
    }

    /// <summary>Leaves a volume to its next owner.</summary>
    public void Close(FileTree tree)
    {
        lock (_gate) _volumes = Array.FindAll(_volumes, volume => !ReferenceEquals(volume.Tree, tree));
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
