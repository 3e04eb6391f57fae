using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Replication.Disks;

namespace Gateway.Replication.Control;

/// <summary>
/// The values of the embedded control plane: a JSON file that a person can read, replaced as a whole (written beside,
/// flushed, renamed, directory flushed).
/// </summary>
internal sealed class ControlFile(IDisk disk)
{
    private const string FileName = "control.json";
    private const string TemporaryName = "control.json.new";
    private const int FormatVersion = 1;
    private const int FileBytesMax = 4 << 20;

    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true };

    /// <summary>The values, and the highest version that any had; nothing when there is no file.</summary>
    /// <exception cref="ControlPlaneException">The file is not one of ours.</exception>
    public (SortedDictionary<string, ControlValue> Values, long Version) Load()
    {
        var values = new SortedDictionary<string, ControlValue>(StringComparer.Ordinal);
        if (!disk.List().Contains(FileName)) return (values, 0);

        try
        {
            var root = JsonNode.Parse(ReadAll())!;
            if ((int?)root["format"] != FormatVersion) throw new ControlPlaneException($"{FileName} has an unknown format.");
            foreach (var (key, value) in root["values"]!.AsObject())
            {
                values[key] = new ControlValue((long)value!["version"]!, value["value"]!.ToJsonString(Readable));
            }

            // Files of before there was a version of the whole counted each value's by itself.
            var version = (long?)root["version"] ?? values.Values.Select(value => value.Version).DefaultIfEmpty().Max();
            return (values, version);
        }
        catch (Exception error) when (error is JsonException or NullReferenceException or InvalidOperationException
            or FormatException)
        {
            throw new ControlPlaneException($"{FileName} is no control record.", error);
        }
    }

    /// <summary>Replaces the file; durable when it returns.</summary>
    /// <exception cref="ControlPlaneException">Whether it is on the disk is unknown: only a new start can tell.</exception>
    public void Store(IReadOnlyDictionary<string, ControlValue> values, long version)
    {
        try
        {
            Write(Format(values, version));
        }
        catch (DiskException error)
        {
            throw new ControlPlaneException("The control record could not be written.", error);
        }
    }

    private byte[] ReadAll()
    {
        using var file = disk.Open(FileName);
        if (file.Length > FileBytesMax) throw new ControlPlaneException($"{FileName} is too large.");
        var bytes = new byte[file.Length];
        return file.Read(0, bytes) == bytes.Length ? bytes : throw new ControlPlaneException($"{FileName} is cut off.");
    }

    private static string Format(IReadOnlyDictionary<string, ControlValue> values, long version)
    {
        var nodes = new JsonObject();
        foreach (var (key, value) in values)
            nodes[key] = new JsonObject { ["version"] = value.Version, ["value"] = JsonNode.Parse(value.Json) };

        var root = new JsonObject { ["format"] = FormatVersion, ["version"] = version, ["values"] = nodes };
        return root.ToJsonString(Readable) + "\n";
    }

    private void Write(string json)
    {
        if (disk.List().Contains(TemporaryName)) disk.Delete(TemporaryName);
        using (var file = disk.Create(TemporaryName))
        {
            file.Write(0, Encoding.UTF8.GetBytes(json));
            file.Sync();
        }

        disk.Rename(TemporaryName, FileName);
        disk.SyncDirectory();
    }
}
