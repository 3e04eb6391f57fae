using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Control.Etcd;

/// <summary>
/// What is under a prefix, now and again after changes. When the stream of changes breaks, for whatever reason (a member
/// that stopped, changes that are compacted away, an etcd restored from a backup, whose revisions begin again below those that
/// were seen), everything is listed anew: the values are few, and nobody needs to see each change.
/// </summary>
/// <remarks>One reader. What it does not ask for stays at the server, and later comes as one.</remarks>
internal sealed class EtcdWatch(EtcdStore store, string prefix, TimeProvider time, ILogger logger) : IDisposable
{
    /// <summary>Before a stream that broke is begun anew.</summary>
    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(200);

    private SortedDictionary<string, ControlValue>? _values;
    private GrpcCall? _changes;
    private Task<byte[]?>? _next;

    /// <exception cref="ControlPlaneException">etcd does not answer or refuses.</exception>
    public async ValueTask<ControlView> NextAsync(CancellationToken cancellation)
    {
        while (true)
        {
            if (_changes is null ? await BeginAsync(cancellation) : await FollowAsync(cancellation))
                return new ControlView(new SortedDictionary<string, ControlValue>(_values!, StringComparer.Ordinal));
        }
    }

    public void Dispose() => End();

    private static bool AreSame(SortedDictionary<string, ControlValue>? before, SortedDictionary<string, ControlValue> now) =>
        before is not null && before.SequenceEqual(now);

    /// <returns>Whether there is something new.</returns>
    private async ValueTask<bool> BeginAsync(CancellationToken cancellation)
    {
        var (values, revision) = await store.ListAsync(prefix, cancellation);
        _changes = await store.WatchAsync(prefix, revision + 1, cancellation);
        var changed = !AreSame(_values, values);
        _values = values;
        return changed;
    }

    /// <summary>Takes in what has come, and waits if there is nothing.</summary>
    private async ValueTask<bool> FollowAsync(CancellationToken cancellation)
    {
        var changed = false;
        try
        {
            do
            {
                _next ??= _changes!.ReadAsync(CancellationToken.None);
                var message = await _next.WaitAsync(cancellation);
                _next = null;
                changed |= Apply(WatchAnswer.Parse(message ?? throw new GrpcException(GrpcStatus.Unavailable, "it was ended")));
                _next = _changes!.ReadAsync(CancellationToken.None);
            }
            while (_next.IsCompleted);
        }
        catch (Exception error) when (error is GrpcException or InvalidDataException)
        {
            Log.WatchBroke(logger, prefix, error.Message);
            End();
            if (!changed) await Task.Delay(Pause, time, cancellation);
        }

        return changed;
    }

    private bool Apply(WatchAnswer answer)
    {
        if (answer.Canceled) throw new GrpcException(GrpcStatus.OutOfRange, $"etcd gave it up, {answer.Reason}");

        foreach (var (isDeletion, value) in answer.Changes)
        {
            var key = store.KeyOf(value);
            if (isDeletion) _values!.Remove(key);
            else _values![key] = EtcdStore.ValueOf(value);
        }

        return answer.Changes.Count > 0;
    }

    private void End()
    {
        _changes?.Dispose();
        _changes = null;

        // It fails now, and nobody waits for it any more.
        _next?.ContinueWith(static ended => ended.Exception, TaskScheduler.Default);
        _next = null;
    }
}
