namespace Gateway.Replication.Control;

/// <summary>
/// The few values that a cluster agrees on: who owns a volume in which epoch with which members, who is there, users. Asked
/// when something changes, never on the path of a file operation.
/// </summary>
/// <remarks>
/// Any thread. Small enough for etcd: a key's version is its ModRevision, a compare-and-set one transaction, a presence a
/// lease. A failed call throws <see cref="ControlPlaneException"/>, and a write may then have happened or not: read again.
/// Safety never rests on a presence or on how new a view is: it rests on compare-and-set and on what the nodes promised
/// (PROTOCOL §2.3).
/// </remarks>
public interface IControlPlane
{
    /// <summary>The value of a key, or null; as new as any value that anybody was told before the call.</summary>
    ValueTask<ControlValue?> ReadAsync(string key, CancellationToken cancellation);

    /// <summary>All values whose keys begin with the prefix.</summary>
    ValueTask<ControlView> ListAsync(string prefix, CancellationToken cancellation);

    /// <summary>
    /// Sets the value if the key's version is still the expected one; 0 expects that there is none. Durable when it
    /// returns.
    /// </summary>
    /// <returns>The value written, with its version; null when another was faster.</returns>
    ValueTask<ControlValue?> CompareAndSetAsync(
        string key, long expectedVersion, string json, CancellationToken cancellation);

    /// <summary>Removes the key if its version is still the expected one; false when it is not, or there is none.</summary>
    ValueTask<bool> DeleteAsync(string key, long expectedVersion, CancellationToken cancellation);

    /// <summary>
    /// All values under the prefix: as they are, then again after changes, several of which may come as one.
    /// Ends with <see cref="ControlPlaneException"/> when changes can no longer be seen; whoever still needs them
    /// calls again.
    /// </summary>
    IAsyncEnumerable<ControlView> WatchAsync(string prefix, CancellationToken cancellation);

    /// <summary>
    /// Makes a value that goes by itself when this process no longer renews it. It tells others whom to ask, and when to
    /// try; it gives no right.
    /// </summary>
    /// <param name="key">Taken if there is no value yet.</param>
    /// <param name="json">The value.</param>
    /// <param name="timeToLive">
    /// How long it stays after the last renewal; whole seconds, at least 1. The control plane may let it live longer.
    /// </param>
    /// <param name="cancellation">Of the call.</param>
    /// <returns>Null when there is a value already: somebody else's, or of a process that has just ended.</returns>
    ValueTask<IControlPresence?> AnnounceAsync(
        string key, string json, TimeSpan timeToLive, CancellationToken cancellation);
}

/// <summary>A value that lives as long as it is renewed, which it does by itself; disposing it removes it at once.</summary>
public interface IControlPresence : IAsyncDisposable
{
    /// <summary>Completes when the value has gone, or may have by this process's clock.</summary>
    Task Lost { get; }

    /// <summary>Replaces the value; false when it was lost.</summary>
    ValueTask<bool> UpdateAsync(string json, CancellationToken cancellation);
}

/// <summary>A value as JSON text, and its version, which only grows, and is never that of an earlier value of the key.</summary>
public sealed record ControlValue(long Version, string Json);

/// <summary>All values under a prefix at one moment, by their whole keys in ordinal order.</summary>
public sealed record ControlView(IReadOnlyDictionary<string, ControlValue> Values);

/// <summary>The control plane did not answer, or its storage failed.</summary>
public sealed class ControlPlaneException(string message, Exception? inner = null) : Exception(message, inner);
