using System.Runtime.CompilerServices;
using Gateway.Replication.Control;

namespace Gateway.Replication.Tests.Standby;

/// <summary>
/// The control plane as one gateway reaches it: it can be cut off, and then its presences end when their time is over.
/// </summary>
internal sealed class GatedControl(IControlPlane inner) : IControlPlane, IDisposable
{
    private readonly Lock _gate = new();
    private CancellationTokenSource _cut = new();

    public bool IsCut => _cut.IsCancellationRequested;

    /// <summary>Each compare-and-set waits for it first.</summary>
    public Task Changes { get; set; } = Task.CompletedTask;

    public void Cut() => _cut.Cancel();

    public void Dispose() => _cut.Dispose();

    public void Mend()
    {
        lock (_gate) _cut = new CancellationTokenSource();
    }

    public ValueTask<ControlValue?> ReadAsync(string key, CancellationToken cancellation) =>
        Pass().ReadAsync(key, cancellation);

    public ValueTask<ControlView> ListAsync(string prefix, CancellationToken cancellation) =>
        Pass().ListAsync(prefix, cancellation);

    public async ValueTask<ControlValue?> CompareAndSetAsync(
        string key, long expectedVersion, string json, CancellationToken cancellation)
    {
        await Changes.WaitAsync(cancellation);
        return await Pass().CompareAndSetAsync(key, expectedVersion, json, cancellation);
    }

    public ValueTask<bool> DeleteAsync(string key, long expectedVersion, CancellationToken cancellation) =>
        Pass().DeleteAsync(key, expectedVersion, cancellation);

    public async IAsyncEnumerable<ControlView> WatchAsync(
        string prefix, [EnumeratorCancellation] CancellationToken cancellation)
    {
        var control = Pass();
        using var either = CancellationTokenSource.CreateLinkedTokenSource(_cut.Token, cancellation);
        await using var views = control.WatchAsync(prefix, either.Token).GetAsyncEnumerator(CancellationToken.None);
        while (true)
        {
            try
            {
                if (!await views.MoveNextAsync()) yield break;
            }
            catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
            {
                throw new ControlPlaneException("cut off");
            }

            yield return views.Current;
        }
    }

    public async ValueTask<IControlPresence?> AnnounceAsync(
        string key, string json, TimeSpan timeToLive, CancellationToken cancellation)
    {
        var presence = await Pass().AnnounceAsync(key, json, timeToLive, cancellation);
        return presence is null ? null : new Presence(presence, timeToLive, _cut.Token);
    }

    private IControlPlane Pass() => IsCut ? throw new ControlPlaneException("cut off") : inner;

    private sealed class Presence : IControlPresence
    {
        private readonly IControlPresence _inner;
        private readonly CancellationToken _cut;
        private readonly CancellationTokenSource _over = new();
        private readonly Task _expiring;

        public Presence(IControlPresence inner, TimeSpan timeToLive, CancellationToken cut)
        {
            (_inner, _cut) = (inner, cut);
            _expiring = ExpireAsync(timeToLive);
        }

        public Task Lost => _inner.Lost;

        public ValueTask<bool> UpdateAsync(string json, CancellationToken cancellation) =>
            _cut.IsCancellationRequested ? throw new ControlPlaneException("cut off") : _inner.UpdateAsync(json, cancellation);

        // Cut off, it cannot be removed, and goes by itself later.
        public async ValueTask DisposeAsync()
        {
            if (_cut.IsCancellationRequested) return;
            await _over.CancelAsync();
            await _expiring;
            _over.Dispose();
            await _inner.DisposeAsync();
        }

        private async Task ExpireAsync(TimeSpan timeToLive)
        {
            try
            {
                using var either = CancellationTokenSource.CreateLinkedTokenSource(_cut, _over.Token);
                await Task.Delay(Timeout.Infinite, either.Token);
            }
            catch (OperationCanceledException)
            {
                if (_over.IsCancellationRequested) return;
                await Task.Delay(timeToLive);
                await _inner.DisposeAsync();
            }
        }
    }
}
