using System.Text.Json;

namespace Gateway.Replication.Standby;

/// <summary>Keys and values of the control plane about who serves a volume. They say who should try; they give no right.</summary>
internal static class VolumeKeys
{
    /// <summary>Prefix of all that goes by itself when a gateway is gone.</summary>
    public const string Alive = "alive/";

    private const string Owners = Alive + "volumes/";

    /// <summary>Which gateway is wanted to own the volume: <see cref="Placement"/>.</summary>
    public static string PlacementOf(string volume) => $"placement/{volume}";

    /// <summary>Who serves the volume: <see cref="OwnerPresence"/>.</summary>
    public static string OwnerOf(string volume) => Owners + volume;

    /// <summary>Who stands by: <see cref="StandbyPresence"/>.</summary>
    public static string StandbyOf(string volume, string gateway) => StandbysOf(volume) + gateway;

    public static string StandbysOf(string volume) => $"{Alive}standbys/{volume}/";

    public static bool IsOwner(string key) => key.StartsWith(Owners, StringComparison.Ordinal);
}

/// <summary>The gateway that is wanted to own a volume; others go on with it while that one is not there.</summary>
internal sealed record Placement(string Gateway);

/// <summary>The gateway that serves a volume, and where clients find it.</summary>
internal sealed record OwnerPresence(string Gateway, ulong Epoch, IReadOnlyList<string> Addresses);

/// <summary>A gateway that stands by for a volume.</summary>
/// <param name="Gateway">Its name.</param>
/// <param name="Ready">Its rows are about as new as the journal: it can take the volume without a wait.</param>
internal sealed record StandbyPresence(string Gateway, bool Ready);

/// <summary>These values as the JSON that people read.</summary>
internal static class ControlJson
{
    private static readonly JsonSerializerOptions Readable = new(JsonSerializerDefaults.Web) { WriteIndented = true };

    public static string Write<TValue>(TValue value) => JsonSerializer.Serialize(value, Readable);

    /// <summary>Null for what is none: a person may have written it.</summary>
    public static TValue? Read<TValue>(string json)
        where TValue : class
    {
        try
        {
            return JsonSerializer.Deserialize<TValue>(json, Readable);
        }
        catch (JsonException)
        {
            return null;
        }
    }
}
