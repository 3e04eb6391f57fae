using System.Text.Json.Serialization;

namespace Gateway.Admin;

/// <summary>What <c>nasgate volume</c> and <c>nasgate drill</c> ask of a gateway.</summary>
internal sealed record VolumeRequest : ITimedRequest
{
    /// <summary>For what requests of this kind are sealed.</summary>
    public static readonly byte[] Context = "volumes"u8.ToArray();

    public required VolumeAction Action { get; init; }

    public required string Volume { get; init; }

    /// <summary>The gateway that is to own it; empty where that is not asked.</summary>
    public string Gateway { get; init; } = "";

    public long IssuedAt { get; init; }
}

/// <summary>What is to happen to a volume.</summary>
internal enum VolumeAction
{
    /// <summary>Make it.</summary>
    Create,

    /// <summary>Hand it over to another gateway in good order.</summary>
    Move,

    /// <summary>Lose it as by a crash of its owner, which this gateway must be: nothing is flushed, released or said.</summary>
    Abandon,
}

/// <summary>What came of it: nothing, or one line for the administrator.</summary>
internal sealed record VolumeAnswer(string? Problem);

[JsonSerializable(typeof(VolumeRequest))]
[JsonSerializable(typeof(VolumeAnswer))]
[JsonSourceGenerationOptions(
    GenerationMode = JsonSourceGenerationMode.Metadata,
    PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase,
    UseStringEnumConverter = true,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow)]
internal sealed partial class VolumeRequestJson : JsonSerializerContext;
