using System.Text.Json.Serialization;

namespace Gateway.Admin;

/// <summary>What <c>nasgate node add | replace | remove | cancel</c> asks of a gateway.</summary>
internal sealed record NodeChangeRequest : ITimedRequest
{
    /// <summary>For what requests of this kind are sealed.</summary>
    public static readonly byte[] Context = "members"u8.ToArray();

    public required string Volume { get; init; }

    /// <summary>The node that joins; empty for none.</summary>
    public string Joins { get; init; } = "";

    /// <summary>Where it is, <c>address:port</c>; null when that is known.</summary>
    public string? Address { get; init; }

    /// <summary>The node that joins takes no slices.</summary>
    public bool Witness { get; init; }

    /// <summary>The node that leaves; empty for none.</summary>
    public string Leaves { get; init; } = "";

    /// <summary>Gives up what is under way.</summary>
    public bool Cancels { get; init; }

    /// <summary>Bytes per second that may be copied; null for what is set.</summary>
    public long? BytesPerSecond { get; init; }

    public long IssuedAt { get; init; }
}

/// <summary>What came of it: nothing, or one line for the administrator.</summary>
internal sealed record NodeChangeAnswer(string? Problem);

[JsonSerializable(typeof(NodeChangeRequest))]
[JsonSerializable(typeof(NodeChangeAnswer))]
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Metadata,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
internal sealed partial class NodeChangeJson : JsonSerializerContext;
