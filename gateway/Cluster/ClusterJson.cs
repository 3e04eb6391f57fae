using System.Text.Json;
using System.Text.Json.Serialization;
using System.Text.Json.Serialization.Metadata;
using Gateway.Hosting;
using Gateway.Nfs.Exports;
using Gateway.Replication.Control;

namespace Gateway.Cluster;

/// <summary>The cluster's records as JSON that a person can read.</summary>
[JsonSerializable(typeof(ClusterRecord))]
[JsonSerializable(typeof(NodeRecord))]
[JsonSerializable(typeof(GatewayRecord))]
[JsonSerializable(typeof(ExportsRecord))]
[JsonSerializable(typeof(SharesRecord))]
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Metadata,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    RespectNullableAnnotations = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    UseStringEnumConverter = true)]
internal sealed partial class ClusterJson : JsonSerializerContext
{
    /// <summary>
    /// For records that people may write: what they leave out is what it is in the configuration file. Generated code takes it
    /// for null or false, as it sets every property that is only set once.
    /// </summary>
    public static JsonTypeInfo<T> TypeWithDefaults<T>() => (JsonTypeInfo<T>)Written.Options.GetTypeInfo(typeof(T));

    /// <exception cref="StartException">It is something else, or of a newer version of this program.</exception>
    public static T Read<T>(string key, ControlValue value, JsonTypeInfo<T> type)
        where T : class
    {
        try
        {
            return JsonSerializer.Deserialize(value.Json, type) ?? throw new StartException($"{key} in the control plane is empty");
        }
        catch (JsonException error)
        {
            throw new StartException($"{key} in the control plane cannot be read: {error.Message}", error);
        }
    }

    public static string Write<T>(T value, JsonTypeInfo<T> type) => JsonSerializer.Serialize(value, type);

    // Made when it is asked for: not before what it is made of.
    private static class Written
    {
        public static readonly JsonSerializerOptions Options = new(Default.Options)
        {
            TypeInfoResolver = new DefaultJsonTypeInfoResolver(),
            Converters = { new JsonStringEnumConverter() },
        };
    }
}

/// <summary>Key <c>cluster</c>: whose values these are, and in which form.</summary>
internal sealed record ClusterRecord
{
    public const string Key = "cluster";
    public const int FormatNow = 1;

    /// <summary>Programs that know only earlier forms leave the values alone.</summary>
    public required int Format { get; init; }

    public required Guid Cluster { get; init; }
}

/// <summary>Keys <c>nodes/NAME</c>: a node that may be given volumes, and where it is.</summary>
internal sealed record NodeRecord
{
    public const string Prefix = "nodes/";

    /// <summary>IP address and port at which gateways and other nodes reach it.</summary>
    public required string Address { get; init; }

    /// <summary>Nodes of one zone may fail together; empty when nothing is known.</summary>
    public string Zone { get; init; } = "";

    /// <summary>Volumes take it as a witness: it votes and keeps no content.</summary>
    public bool Witness { get; init; }
}

/// <summary>Keys <c>gateways/NAME</c>, which go by themselves: a gateway that runs.</summary>
internal sealed record GatewayRecord
{
    public const string Prefix = "gateways/";

    /// <summary>Where clients reach it.</summary>
    public required string Address { get; init; }
}

/// <summary>Key <c>exports</c>: what is exported to whom over NFS, as the configuration file says it.</summary>
internal sealed record ExportsRecord
{
    public const string Key = "exports";

    public required IReadOnlyList<ExportOptions> Exports { get; init; }
}

/// <summary>Key <c>shares</c>: what is shared over SMB, as the configuration file says it.</summary>
internal sealed record SharesRecord
{
    public const string Key = "shares";

    public required IReadOnlyList<ShareOptions> Shares { get; init; }
}
