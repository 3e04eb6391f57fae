using System.Runtime.CompilerServices;
using Gateway.Replication.Disks;

namespace Gateway.Replication.Control;

/// <summary>
/// A control plane for one process, in a file of its directory; a lock on the directory keeps a second process out.
/// </summary>
public sealed class EmbeddedControlPlane : IControlPlane, IDisposable
{
    private readonly ControlTable _table;
    private readonly DirectoryLock? _lock;

    private EmbeddedControlPlane(IDisk disk, DirectoryLock? directoryLock)
    {
        _lock = directoryLock;
        var file = new ControlFile(disk);
        var (values, version) = file.Load();
        _table = new ControlTable(values, version, file.Store);
    }

    /// <summary>Opens or creates the control plane in a directory of its own.</summary>
    /// <exception cref="ControlPlaneException">Another process has it open, or the file is not one of ours.</exception>
    public static EmbeddedControlPlane Open(string directory)
    {
        Directory.CreateDirectory(directory);
        var directoryLock = DirectoryLock.TryTake(directory)
            ?? throw new ControlPlaneException($"{directory} is in use by another process.");
        try
        {
            return new EmbeddedControlPlane(new LinuxDisk(directory), directoryLock);
        }
        catch
        {
            directoryLock.Dispose();
            throw;
        }
    }

    /// <summary>Over a disk that the caller guards against other processes.</summary>
    public static EmbeddedControlPlane Open(IDisk disk) => new(disk, null);

    public ValueTask<ControlValue?> ReadAsync(string key, CancellationToken cancellation) =>
        _table.ReadAsync(key, cancellation);

    public ValueTask<ControlView> ListAsync(string prefix, CancellationToken cancellation) =>
        _table.ListAsync(prefix, cancellation);

    public ValueTask<ControlValue?> CompareAndSetAsync(
        string key, long expectedVersion, string json, CancellationToken cancellation) =>
        _table.CompareAndSetAsync(key, expectedVersion, json, cancellation);

    public ValueTask<bool> DeleteAsync(string key, long expectedVersion, CancellationToken cancellation) =>
        _table.DeleteAsync(key, expectedVersion, cancellation);

    public async IAsyncEnumerable<ControlView> WatchAsync(
        string prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        while (true)
        {
            var (view, changed) = await _table.ObserveAsync(prefix, cancellation);
            yield return view;
            await changed.WaitAsync(cancellation);
        }
    }

    public async ValueTask<IControlPresence?> AnnounceAsync(
        string key, string json, TimeSpan timeToLive, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(timeToLive, TimeSpan.FromSeconds(1));
        var announced = await _table.AnnounceAsync(key, json, cancellation);
        return announced is null ? null : new EmbeddedPresence(_table, key, announced.Version);
    }

    public void Dispose()
    {
        _table.Dispose();
        _lock?.Dispose();
    }
}
