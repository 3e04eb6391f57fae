using System.Collections.Concurrent;
using Gateway.Replication.Disks;
using Gateway.Replication.Links;
using Gateway.Replication.Wire;
using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Nodes;

/// <summary>What a node is told at its start. Segment sizes of 0 are chosen by the size of the file system.</summary>
public sealed record NodeVolumesOptions
{
    /// <inheritdoc cref="BackendNodeOptions.Node"/>
    public required string Node { get; init; }

    /// <summary>Where the node keeps all volumes; made when missing.</summary>
    public required string DataDirectory { get; init; }

    /// <inheritdoc cref="BackendNodeOptions.Cluster"/>
    public required Guid Cluster { get; init; }

    public long JournalSegmentBytes { get; init; }

    public long SliceSegmentBytes { get; init; }

    /// <summary>Open a copy that failed again here, instead of only reporting it by <see cref="Failed"/>.</summary>
    public bool Reopens { get; init; }

    /// <summary>Called from any thread when a copy failed that is not opened again here: the process must end.</summary>
    public required Action<Exception> Failed { get; init; }
}

/// <summary>
/// All volumes of a node: a directory for each, <c>volumes/ID</c>, with a superblock, journal and slices of its own. An
/// empty copy is made when a gateway of the cluster first asks for a volume; what it is worth is the volume's record to say.
/// </summary>
/// <remarks>Links enter from any thread; opening and disposal from one.</remarks>
public sealed class NodeVolumes : INodeVolumes, IAsyncDisposable
{
    /// <summary>Volumes of one node: each has threads and files of its own.</summary>
    public const int VolumesMax = 64;

    private const string VolumesDirectory = "volumes";

    private readonly NodeVolumesOptions _options;
    private readonly TimeProvider _time;
    private readonly ILoggerFactory _loggers;
    private readonly ILogger _logger;
    private readonly DirectoryLock _lock;
    private readonly ConcurrentDictionary<Guid, Lazy<VolumeCopy>> _copies = new();
    private readonly ConcurrentDictionary<Guid, Task> _deleting = new();
    private volatile bool _closed;

    private NodeVolumes(
        NodeVolumesOptions options, DirectoryLock directoryLock, TimeProvider time, ILoggerFactory loggers)
    {
        (_options, _lock, _time, _loggers) = (options, directoryLock, time, loggers);
        _logger = loggers.CreateLogger<NodeVolumes>();
    }

    public string Node => _options.Node;

    /// <summary>Opens the directory and all copies in it.</summary>
    /// <exception cref="NodeStartException">It is in use, or not one of ours, or a copy cannot be used.</exception>
    public static async Task<NodeVolumes> OpenAsync(NodeVolumesOptions options, TimeProvider time, ILoggerFactory loggers)
    {
        var root = Path.Combine(options.DataDirectory, VolumesDirectory);
        using (new LinuxDisk(root))
        {
            // Makes the directory, durably.
        }

        if (File.Exists(Path.Combine(options.DataDirectory, NodeStateFile.FileName)))
        {
            throw new NodeStartException(
                $"{options.DataDirectory} was made by an earlier version, which kept one volume there: move what is in it "
                + $"to {root}/ID, where ID is the volumeId in the gateway's control.json.");
        }

        var directoryLock = DirectoryLock.TryTake(options.DataDirectory)
            ?? throw new NodeStartException($"{options.DataDirectory} is used by another process.");
        var volumes = new NodeVolumes(options, directoryLock, time, loggers);
        try
        {
            foreach (var path in Directory.EnumerateDirectories(root))
            {
                if (!Guid.TryParseExact(Path.GetFileName(path), "D", out var volume))
                    throw new NodeStartException($"{path} is not the directory of a volume.");
                _ = volumes.CopyOf(volume).Value;
            }

            return volumes;
        }
        catch
        {
            await volumes.DisposeAsync();
            throw;
        }
    }

    /// <summary>There is no copy of the volume, nor is one being deleted.</summary>
    public bool IsFree(Guid volume) => !_copies.ContainsKey(volume) && !_deleting.ContainsKey(volume);

    public NodeEntry Enter(Guid volume)
    {
        if (_closed || _copies.Count >= VolumesMax && !_copies.ContainsKey(volume))
            throw new LinkRefusedException(LinkRefusal.Unavailable);

        var copy = CopyOf(volume);
        try
        {
            return copy.Value.Enter();
        }
        catch (Exception error) when (error is NodeStartException or DiskException)
        {
            // The next link tries again.
            _copies.TryRemove(new KeyValuePair<Guid, Lazy<VolumeCopy>>(volume, copy));
            Log.VolumeUnusable(_logger, Node, volume, error.Message);
            throw new LinkRefusedException(LinkRefusal.Unavailable);
        }
    }

    /// <summary>What each copy says of itself; nothing of those that are opening or closing.</summary>
    public IEnumerable<(Guid Volume, NodeCondition Condition)> Conditions()
    {
        foreach (var (volume, copy) in _copies)
        {
            if (copy is { IsValueCreated: true } && copy.Value.Condition(volume) is { } condition) yield return (volume, condition);
        }
    }

    public async ValueTask DisposeAsync()
    {
        _closed = true;
        await Task.WhenAll(_deleting.Values);
        foreach (var copy in _copies.Values)
        {
            try
            {
                await copy.Value.DisposeAsync();
            }
            catch (Exception error) when (error is NodeStartException or DiskException)
            {
                // It could not be opened, and who asked for it was told.
            }
        }

        _lock.Dispose();
    }

    private Lazy<VolumeCopy> CopyOf(Guid volume) => _copies.GetOrAdd(
        volume,
        static (volume, node) => new Lazy<VolumeCopy>(() => node.Open(volume)),
        this);

    private VolumeCopy Open(Guid volume)
    {
        var directory = Path.Combine(_options.DataDirectory, VolumesDirectory, volume.ToString("D"));
        return new VolumeCopy(_options, directory, () => Delete(volume, directory), _time, _loggers);
    }

    // The copy is entered by nobody from the moment in which it is closed until nothing of it is left.
    private void Delete(Guid volume, string directory) =>
        _deleting.GetOrAdd(volume, _ => Task.Run(() => DeleteAsync(volume, directory)));

    private async Task DeleteAsync(Guid volume, string directory)
    {
        var copy = CopyOf(volume);
        await copy.Value.DisposeAsync();
        try
        {
            Directory.Delete(directory, recursive: true);
            using (var parent = new LinuxDisk(Path.GetDirectoryName(directory)!)) parent.SyncDirectory();
            Log.CopyDeleted(_logger, Node, volume);
            _copies.TryRemove(new KeyValuePair<Guid, Lazy<VolumeCopy>>(volume, copy));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or DiskException)
        {
            // The next start tries again: the superblock says that the copy has left, or is gone with it.
            Log.CopyNotDeleted(_logger, Node, volume, error.Message);
        }

        _deleting.TryRemove(volume, out _);
    }
}
