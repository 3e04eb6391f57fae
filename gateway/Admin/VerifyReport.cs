using System.Text.Json.Serialization;

namespace Gateway.Admin;

/// <summary>What <c>nasgate verify --json</c> prints.</summary>
internal sealed record VerifyReport
{
    /// <summary>True when every replica that should exist does and equals the others.</summary>
    public required bool Clean { get; init; }

    public required long SlicesChecked { get; init; }

    /// <summary>Those of them that ride in the journal too, because too few data nodes had them.</summary>
    public long SlicesSpilled { get; init; }

    public required long EntriesChecked { get; init; }

    public required long BytesRead { get; init; }

    public required IReadOnlyList<DifferenceReport> Differences { get; init; }
}

/// <summary>One replica that is missing, damaged or different.</summary>
internal sealed record DifferenceReport(string Node, string What, string Problem);

[JsonSourceGenerationOptions(PropertyNamingPolicy = JsonKnownNamingPolicy.CamelCase, WriteIndented = true)]
[JsonSerializable(typeof(VerifyReport))]
internal sealed partial class VerifyJson : JsonSerializerContext;
