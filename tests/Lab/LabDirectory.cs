using System.Globalization;

namespace Gateway.Lab;

/// <summary>A directory on a disk of the host, removed at the end. A guest sees it too.</summary>
internal sealed class LabDirectory : IDisposable
{
    private readonly List<string> _mounts = [];

    public LabDirectory()
    {
        Root = string.Create(CultureInfo.InvariantCulture, $"/var/tmp/nasgate-lab-{LabRun.Name}-{LabRun.NextNumber()}");
        Directory.CreateDirectory(Root);
    }

    public string Root { get; }

    public string this[string name] => Path.Combine(Root, name);

    /// <summary>A small file system of its own, so that it can be full: on a loop device, or in memory.</summary>
    public string MountSmall(string name, int mebibytes)
    {
        var point = this[name];
        var image = this[name + ".image"];
        Directory.CreateDirectory(point);
        HostCommand.Run("truncate", "-s", $"{mebibytes}M", image);
        HostCommand.Run("mkfs.ext4", "-q", "-F", "-m", "0", image);
        if (HostCommand.Try("mount", "-o", "loop", image, point).Code != 0)
            HostCommand.Run("mount", "-t", "tmpfs", "-o", $"size={mebibytes}m", "tmpfs", point);
        _mounts.Add(point);
        return point;
    }

    public void Dispose()
    {
        foreach (var point in _mounts)
            HostCommand.Run("umount", "-l", point);
        Directory.Delete(Root, recursive: true);
    }
}
