using System.Text.Json;
using Gateway.Replication.Quorum;

namespace Gateway.Replication.Control;

/// <summary>The control records of volumes, by name.</summary>
public sealed class VolumeRecords(IControlPlane control)
{
    /// <summary>What the keys of all records begin with; the volume's name follows.</summary>
    public const string Prefix = "volumes/";

    private static readonly JsonSerializerOptions Readable =
        new(JsonSerializerDefaults.Web) { WriteIndented = true };

    /// <summary>The record as JSON, for the first entry of an epoch.</summary>
    public static byte[] ToUtf8(VolumeRecord record) => JsonSerializer.SerializeToUtf8Bytes(record, Readable);

    /// <summary>The record and its version; null when there is no such volume.</summary>
    /// <exception cref="ControlPlaneException">The control plane does not answer, or what it holds is no such record.</exception>
    public async ValueTask<VersionedRecord?> ReadAsync(string volume, CancellationToken cancellation)
    {
        var value = await control.ReadAsync(Key(volume), cancellation);
        if (value is null) return null;
        return new VersionedRecord(value.Version, Read(volume, value));
    }

    /// <summary>Writes the record if its version is still the expected one (0: none); null when it is not.</summary>
    public async ValueTask<VersionedRecord?> CompareAndSetAsync(
        string volume, long expectedVersion, VolumeRecord record, CancellationToken cancellation)
    {
        var json = JsonSerializer.Serialize(record, Readable);
        var value = await control.CompareAndSetAsync(Key(volume), expectedVersion, json, cancellation);
        return value is null ? null : new VersionedRecord(value.Version, record);
    }

    internal static string Key(string volume) => Prefix + volume;

    private static VolumeRecord Read(string volume, ControlValue value)
    {
        try
        {
            return JsonSerializer.Deserialize<VolumeRecord>(value.Json, Readable)
                ?? throw new ControlPlaneException($"The record of volume {volume} is empty.");
        }
        catch (JsonException error)
        {
            throw new ControlPlaneException($"The record of volume {volume} cannot be read: {error.Message}", error);
        }
    }
}

public sealed record VersionedRecord(long Version, VolumeRecord Record);
