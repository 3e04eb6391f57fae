using System.Text.Json;
using System.Text.Json.Nodes;
using Gateway.Hosting;
using Gateway.Replication.Control;

namespace Gateway.Cluster;

/// <summary>
/// All lasting values of a control plane as one JSON text: to move it, or to keep a copy. What goes by itself when a process
/// ends is not in it, nor are versions, which are each control plane's own.
/// </summary>
internal sealed record ClusterDocument(Guid Cluster, IReadOnlyDictionary<string, JsonNode> Values)
{
    private const int FormatNow = 1;

    /// <summary>More than any cluster has: etcd itself is kept below two gigabytes.</summary>
    private const int CharactersMax = 64 << 20;

    private static readonly JsonSerializerOptions Readable = new() { WriteIndented = true };

    /// <summary>Prefixes of values that say that a process runs.</summary>
    public static IReadOnlyList<string> Presences { get; } = [GatewayRecord.Prefix, "alive/"];

    public static ClusterDocument Of(Guid cluster, ControlView view)
    {
        var values = new SortedDictionary<string, JsonNode>(StringComparer.Ordinal);
        foreach (var (key, value) in view.Values)
        {
            if (!IsPresence(key)) values[key] = ParseValue(key, value.Json);
        }

        return new ClusterDocument(cluster, values);
    }

    public static bool IsPresence(string key) => Presences.Any(prefix => key.StartsWith(prefix, StringComparison.Ordinal));

    /// <exception cref="StartException">It is something else.</exception>
    public static ClusterDocument Parse(string text)
    {
        if (text.Length > CharactersMax) throw new StartException("that is too long for an exported cluster");
        try
        {
            var root = JsonNode.Parse(text)!;
            if ((int?)root["format"] != FormatNow) throw new StartException("that is no exported cluster, or one of another version");

            var values = new SortedDictionary<string, JsonNode>(StringComparer.Ordinal);
            foreach (var (key, value) in root["values"]!.AsObject()) values[key] = value!.DeepClone();
            return new ClusterDocument((Guid)root["cluster"]!, values);
        }
        catch (Exception error) when (error is JsonException or NullReferenceException or InvalidOperationException or FormatException)
        {
            throw new StartException("that is no exported cluster", error);
        }
    }

    public string Format()
    {
        var values = new JsonObject();
        foreach (var (key, value) in Values) values[key] = value.DeepClone();
        var root = new JsonObject { ["format"] = FormatNow, ["cluster"] = Cluster, ["values"] = values };
        return root.ToJsonString(Readable) + "\n";
    }

    /// <summary>A value of the control plane as JSON.</summary>
    public static JsonNode ParseValue(string key, string json)
    {
        try
        {
            return JsonNode.Parse(json) ?? throw new StartException($"{key} in the control plane is empty");
        }
        catch (JsonException error)
        {
            throw new StartException($"{key} in the control plane is not JSON: {error.Message}", error);
        }
    }
}
