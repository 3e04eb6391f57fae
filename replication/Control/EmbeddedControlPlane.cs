using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Replication.Disks;

namespace Gateway.Replication.Control;

/// <summary>
/// A control plane for one process: a JSON file that a person can read, replaced as a whole (written beside, flushed,
/// renamed, directory flushed). A lock on the directory keeps a second process out.
/// </summary>
public sealed class EmbeddedControlPlane : IControlPlane, IDisposable
{
    private const string FileName = "control.json";
    private const string TemporaryName = "control.json.new";
    private const int Format = 1;
    private const int FileBytesMax = 4 << 20;

    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true };

    private readonly SemaphoreSlim _gate = new(1);
    private readonly DirectoryLock? _lock;
    private readonly IDisk _disk;
    private readonly SortedDictionary<string, ControlValue> _values;

    private EmbeddedControlPlane(IDisk disk, DirectoryLock? directoryLock)
    {
        (_disk, _lock) = (disk, directoryLock);
        _values = Load(disk);
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

    public async ValueTask<ControlValue?> ReadAsync(string key, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            return _values.GetValueOrDefault(key);
        }
        finally
        {
            _gate.Release();
        }
    }

    public async ValueTask<ControlValue?> CompareAndSetAsync(
        string key, long expectedVersion, string json, CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        try
        {
            var current = _values.GetValueOrDefault(key);
            if ((current?.Version ?? 0) != expectedVersion) return null;

            var written = new ControlValue(expectedVersion + 1, json);
            _values[key] = written;
            try
            {
                Store();
            }
            catch (DiskException error)
            {
                // Whether it is on the disk is unknown: the process must read it again, and to be sure starts anew.
                throw new ControlPlaneException("The control record could not be written.", error);
            }

            return written;
        }
        finally
        {
            _gate.Release();
        }
    }

    public void Dispose()
    {
        _gate.Dispose();
        _lock?.Dispose();
    }

    private static SortedDictionary<string, ControlValue> Load(IDisk disk)
    {
        var values = new SortedDictionary<string, ControlValue>(StringComparer.Ordinal);
        if (!disk.List().Contains(FileName)) return values;

        try
        {
            var root = JsonNode.Parse(ReadAll(disk))!;
            if ((int?)root["format"] != Format) throw new ControlPlaneException($"{FileName} has an unknown format.");
            foreach (var (key, value) in root["values"]!.AsObject())
            {
                values[key] = new ControlValue((long)value!["version"]!, value["value"]!.ToJsonString(Readable));
            }

            return values;
        }
        catch (Exception error) when (error is JsonException or NullReferenceException or InvalidOperationException
            or FormatException)
        {
            throw new ControlPlaneException($"{FileName} is no control record.", error);
        }
    }

    private static byte[] ReadAll(IDisk disk)
    {
        using var file = disk.Open(FileName);
        if (file.Length > FileBytesMax) throw new ControlPlaneException($"{FileName} is too large.");
        var bytes = new byte[file.Length];
        return file.Read(0, bytes) == bytes.Length ? bytes : throw new ControlPlaneException($"{FileName} is cut off.");
    }

    private void Store()
    {
        var values = new JsonObject();
        foreach (var (key, value) in _values)
            values[key] = new JsonObject { ["version"] = value.Version, ["value"] = JsonNode.Parse(value.Json) };

        var root = new JsonObject { ["format"] = Format, ["values"] = values };
        if (_disk.List().Contains(TemporaryName)) _disk.Delete(TemporaryName);
        using (var file = _disk.Create(TemporaryName))
        {
            file.Write(0, Encoding.UTF8.GetBytes(root.ToJsonString(Readable) + "\n"));
            file.Sync();
        }

        _disk.Rename(TemporaryName, FileName);
        _disk.SyncDirectory();
    }
}
