namespace Gateway.Replication.Control;

/// <summary>A value of a control plane in this process: it needs no renewal, and goes with the process.</summary>
internal sealed class EmbeddedPresence(ControlTable table, string key, long version) : IControlPresence
{
    private readonly TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private long _version = version;

    public Task Lost => _lost.Task;

    public async ValueTask<bool> UpdateAsync(string json, CancellationToken cancellation)
    {
        if (_lost.Task.IsCompleted) return false;
        if (await table.CompareAndSetAsync(key, _version, json, cancellation) is { } updated)
        {
            _version = updated.Version;
            return true;
        }

        _lost.TrySetResult();
        return false;
    }

    public async ValueTask DisposeAsync()
    {
        if (_lost.TrySetResult()) await table.DeleteAsync(key, _version, CancellationToken.None);
    }
}
