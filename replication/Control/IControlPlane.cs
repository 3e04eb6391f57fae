namespace Gateway.Replication.Control;

/// <summary>
/// The few values that must change by compare-and-set: a volume's epoch, owner and members. Asked when something
/// changes, never on the path of a file operation.
/// </summary>
/// <remarks>
/// Any thread. Small enough for etcd: a key's version is its ModRevision, and the compare-and-set one transaction. A
/// failed call throws <see cref="ControlPlaneException"/>, and a write may then have happened or not: read again.
/// </remarks>
public interface IControlPlane
{
    /// <summary>The value of a key, or null.</summary>
    ValueTask<ControlValue?> ReadAsync(string key, CancellationToken cancellation);

    /// <summary>
    /// Sets the value if the key's version is still the expected one; 0 expects that there is none. Durable when it
    /// returns.
    /// </summary>
    /// <returns>The value written, with its version; null when another was faster.</returns>
    ValueTask<ControlValue?> CompareAndSetAsync(
        string key, long expectedVersion, string json, CancellationToken cancellation);
}

/// <summary>A value as JSON text, and its version, which only grows.</summary>
public sealed record ControlValue(long Version, string Json);

/// <summary>The control plane did not answer, or its storage failed.</summary>
public sealed class ControlPlaneException(string message, Exception? inner = null) : Exception(message, inner);
