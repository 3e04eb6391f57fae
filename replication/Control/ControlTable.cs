namespace Gateway.Replication.Control;

/// <summary>
/// The values of a control plane in this process's memory, as one small database: versions, compare-and-set, presences,
/// and news for watchers.
/// </summary>
/// <remarks>
/// Any thread. Changes happen one after another under a gate that is held while <paramref name="store"/> makes them durable:
/// nobody sees a value that is not. When that fails, nothing is told from then on, for it is unknown what is durable.
/// </remarks>
/// <param name="values">What was durable before.</param>
/// <param name="version">At least the highest version that any value ever had.</param>
/// <param name="store">Makes the values durable, given the new version; throws <see cref="ControlPlaneException"/>.</param>
internal sealed class ControlTable(
    SortedDictionary<string, ControlValue> values,
    long version,
    Action<IReadOnlyDictionary<string, ControlValue>, long> store) : IDisposable
{
    private readonly SemaphoreSlim _gate = new(1);
    private readonly SortedDictionary<string, ControlValue> _presences = new(StringComparer.Ordinal);
    private long _version = version;
    private TaskCompletionSource _changed = NewSignal();
    private ControlPlaneException? _failure;

    public async ValueTask<ControlValue?> ReadAsync(string key, CancellationToken cancellation)
    {
        using var turn = await EnterAsync(cancellation);
        return Find(key);
    }

    public async ValueTask<ControlView> ListAsync(string prefix, CancellationToken cancellation)
    {
        using var turn = await EnterAsync(cancellation);
        return View(prefix);
    }

    /// <summary>A view, and what completes when it is no longer the newest.</summary>
    public async ValueTask<(ControlView View, Task Changed)> ObserveAsync(string prefix, CancellationToken cancellation)
    {
        using var turn = await EnterAsync(cancellation);
        return (View(prefix), _changed.Task);
    }

    public async ValueTask<ControlValue?> CompareAndSetAsync(
        string key, long expectedVersion, string json, CancellationToken cancellation)
    {
        using var turn = await EnterAsync(cancellation);
        if ((Find(key)?.Version ?? 0) != expectedVersion) return null;
        if (_presences.ContainsKey(key)) return Announced(key, json);

        var written = new ControlValue(_version + 1, json);
        values[key] = written;
        Store();
        return written;
    }

    public async ValueTask<bool> DeleteAsync(string key, long expectedVersion, CancellationToken cancellation)
    {
        using var turn = await EnterAsync(cancellation);
        if (Find(key) is not { } current || current.Version != expectedVersion) return false;
        if (_presences.Remove(key))
        {
            Tell();
            return true;
        }

        values.Remove(key);
        Store();
        return true;
    }

    /// <summary>Sets a value that is not stored; null when there is one already.</summary>
    public async ValueTask<ControlValue?> AnnounceAsync(string key, string json, CancellationToken cancellation)
    {
        using var turn = await EnterAsync(cancellation);
        return Find(key) is null ? Announced(key, json) : null;
    }

    public void Dispose() => _gate.Dispose();

    private static TaskCompletionSource NewSignal() => new(TaskCreationOptions.RunContinuationsAsynchronously);

    private async ValueTask<Turn> EnterAsync(CancellationToken cancellation)
    {
        await _gate.WaitAsync(cancellation);
        if (_failure is null) return new Turn(_gate);

        _gate.Release();
        throw new ControlPlaneException("The control record could not be written before.", _failure);
    }

    private ControlValue? Find(string key) =>
        values.TryGetValue(key, out var value) ? value : _presences.GetValueOrDefault(key);

    private ControlView View(string prefix)
    {
        var view = new SortedDictionary<string, ControlValue>(StringComparer.Ordinal);
        foreach (var (key, value) in values.Concat(_presences))
        {
            if (key.StartsWith(prefix, StringComparison.Ordinal)) view[key] = value;
        }

        return new ControlView(view);
    }

    private ControlValue Announced(string key, string json)
    {
        var announced = new ControlValue(++_version, json);
        _presences[key] = announced;
        Tell();
        return announced;
    }

    private void Store()
    {
        try
        {
            store(values, ++_version);
        }
        catch (ControlPlaneException failure)
        {
            _failure = failure;
            Tell();
            throw;
        }

        Tell();
    }

    private void Tell()
    {
        var told = _changed;
        _changed = NewSignal();
        told.SetResult();
    }

    private readonly struct Turn(SemaphoreSlim gate) : IDisposable
    {
        public void Dispose() => gate.Release();
    }
}
