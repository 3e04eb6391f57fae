using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Control.Etcd;

/// <summary>
/// A control plane for any number of processes: keys of etcd, under a prefix for each cluster, so that one etcd may serve
/// several.
/// </summary>
/// <remarks>
/// Any thread. Reads are linearizable. A version is a ModRevision: it grows with every change of whatever key, except that an
/// etcd restored from a backup counts on from there.
/// </remarks>
public sealed class EtcdControlPlane : IControlPlane, IDisposable
{
    private readonly EtcdStore _store;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;

    /// <param name="options">Where etcd is. Nothing is asked of it yet.</param>
    /// <param name="cluster">Whose values these are.</param>
    /// <param name="time">For time limits; its timestamps must go on while the machine sleeps.</param>
    /// <param name="logger">For what is odd.</param>
    /// <exception cref="ControlPlaneException">A certificate or key cannot be read.</exception>
    public EtcdControlPlane(EtcdOptions options, Guid cluster, TimeProvider time, ILogger logger)
    {
        (_time, _logger) = (time, logger);
        _store = new EtcdStore(new EtcdClient(options, time, logger), $"/nasgate/{cluster}/");
    }

    public async ValueTask<ControlValue?> ReadAsync(string key, CancellationToken cancellation)
    {
        var found = await _store.FindAsync(key, cancellation);
        return found is { } value ? new ControlValue(value.ModRevision, value.Value) : null;
    }

    public async ValueTask<ControlView> ListAsync(string prefix, CancellationToken cancellation) =>
        new((await _store.ListAsync(prefix, cancellation)).Values);

    public async ValueTask<ControlValue?> CompareAndSetAsync(
        string key, long expectedVersion, string json, CancellationToken cancellation)
    {
        var answer = await _store.ChangeAsync(
            EtcdRequests.PutIfAt(_store.Whole(key), expectedVersion, json), cancellation);
        return answer.Succeeded ? new ControlValue(answer.Revision, json) : null;
    }

    public async ValueTask<bool> DeleteAsync(string key, long expectedVersion, CancellationToken cancellation)
    {
        // Version 0 is that of no value.
        if (expectedVersion == 0) return false;

        return (await _store.ChangeAsync(EtcdRequests.DeleteIfAt(_store.Whole(key), expectedVersion), cancellation)).Succeeded;
    }

    public async IAsyncEnumerable<ControlView> WatchAsync(
        string prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        using var watch = new EtcdWatch(_store, prefix, _time, _logger);
        while (true) yield return await watch.NextAsync(cancellation);
    }

    public async ValueTask<IControlPresence?> AnnounceAsync(
        string key, string json, TimeSpan timeToLive, CancellationToken cancellation)
    {
        ArgumentOutOfRangeException.ThrowIfLessThan(timeToLive, TimeSpan.FromSeconds(1));
        return await EtcdPresence.TryMakeAsync(_store, key, json, timeToLive, _time, _logger, cancellation);
    }

    public void Dispose() => _store.Dispose();
}
