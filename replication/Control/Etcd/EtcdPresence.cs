using Microsoft.Extensions.Logging;

namespace Gateway.Replication.Control.Etcd;

/// <summary>
/// A value that goes with a lease, which is renewed three times in its life. By this process's clock the lease is over
/// some time before etcd can think so: it counts from when the last request that was answered was sent.
/// </summary>
/// <remarks>Any thread. The value is this process's as long as it goes with the lease, whatever version it has.</remarks>
internal sealed class EtcdPresence : IControlPresence
{
    /// <summary>What the clocks of two machines may differ by in a lease's life, and more: a twentieth.</summary>
    private const int MarginPart = 20;

    /// <summary>Processes that are told to end do not wait for an etcd that has gone.</summary>
    private static readonly TimeSpan WithdrawalTimeout = TimeSpan.FromSeconds(2);

    private const int RenewalsPerLife = 3;
    private const int AttemptsPerLife = 12;

    private readonly EtcdStore _store;
    private readonly string _key;
    private readonly long _lease;
    private readonly TimeSpan _life;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly CancellationTokenSource _ended = new();
    private readonly TaskCompletionSource _lost = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private readonly ITimer _expiry;
    private readonly Task _renewals;

    private EtcdPresence(EtcdStore store, string key, LeaseAnswer lease, long sent, TimeProvider time, ILogger logger)
    {
        (_store, _key, _lease, _time, _logger) = (store, key, lease.Lease, time, logger);
        _life = TimeSpan.FromSeconds(lease.Seconds);
        _expiry = time.CreateTimer(_ => Lose("it was not renewed in time"), null, Timeout.InfiniteTimeSpan, Timeout.InfiniteTimeSpan);
        Extend(sent, _life);
        _renewals = RenewAsync();
    }

    public Task Lost => _lost.Task;

    /// <summary>Null when there is a value already.</summary>
    /// <exception cref="ControlPlaneException">It may have been made all the same; then it goes after its life.</exception>
    public static async Task<EtcdPresence?> TryMakeAsync(
        EtcdStore store,
        string key,
        string json,
        TimeSpan timeToLive,
        TimeProvider time,
        ILogger logger,
        CancellationToken cancellation)
    {
        var sent = time.GetTimestamp();
        var lease = await store.GrantLeaseAsync((long)Math.Ceiling(timeToLive.TotalSeconds), cancellation);
        var made = false;
        try
        {
            var answer = await store.ChangeAsync(EtcdRequests.PutIfAbsent(store.Whole(key), json, lease.Lease), cancellation);
            made = answer.Succeeded;
            return made ? new EtcdPresence(store, key, lease, sent, time, logger) : null;
        }
        finally
        {
            if (!made) await WithdrawAsync(store, key, lease.Lease, time, logger);
        }
    }

    public async ValueTask<bool> UpdateAsync(string json, CancellationToken cancellation)
    {
        if (_lost.Task.IsCompleted) return false;

        var answer = await _store.ChangeAsync(EtcdRequests.PutIfLeased(_store.Whole(_key), json, _lease), cancellation);
        if (!answer.Succeeded) Lose("it was removed");
        return answer.Succeeded;
    }

    public async ValueTask DisposeAsync()
    {
        if (_ended.IsCancellationRequested) return;

        await _ended.CancelAsync();
        await _renewals;
        await _expiry.DisposeAsync();
        _ended.Dispose();
        _lost.TrySetResult();
        await WithdrawAsync(_store, _key, _lease, _time, _logger);
    }

    private static async Task WithdrawAsync(EtcdStore store, string key, long lease, TimeProvider time, ILogger logger)
    {
        using var bound = new CancellationTokenSource(WithdrawalTimeout, time);
        try
        {
            await store.RevokeLeaseAsync(lease, bound.Token);
        }
        catch (Exception error) when (error is ControlPlaneException or OperationCanceledException)
        {
            // Also when it has run out: then there is nothing to revoke.
            Log.WithdrawalFailed(logger, key, error.Message);
        }
    }

    private async Task RenewAsync()
    {
        var wait = _life / RenewalsPerLife;
        try
        {
            while (!_lost.Task.IsCompleted)
            {
                await Task.Delay(wait, _time, _ended.Token);
                wait = await TryRenewAsync() ? _life / RenewalsPerLife : _life / AttemptsPerLife;
            }
        }
        catch (OperationCanceledException) when (_ended.IsCancellationRequested)
        {
            // Withdrawn.
        }
    }

    private async Task<bool> TryRenewAsync()
    {
        try
        {
            var sent = _time.GetTimestamp();
            var lease = await _store.RenewLeaseAsync(_lease, _ended.Token);
            if (lease.Seconds <= 0)
            {
                Lose("its lease has run out");
                return false;
            }

            // Somebody may have removed the value, and left the lease.
            if (await _store.FindAsync(_key, _ended.Token) is not { } value || value.Lease != _lease)
            {
                Lose("it was removed");
                return false;
            }

            Extend(sent, TimeSpan.FromSeconds(lease.Seconds));
            return true;
        }
        catch (ControlPlaneException error)
        {
            Log.RenewalFailed(_logger, _key, error.Message);
            return false;
        }
    }

    private void Extend(long sent, TimeSpan life)
    {
        var left = life - life / MarginPart - _time.GetElapsedTime(sent);
        if (left > TimeSpan.Zero) _expiry.Change(left, Timeout.InfiniteTimeSpan);
        else Lose("its renewal took too long");
    }

    private void Lose(string cause)
    {
        if (_ended.IsCancellationRequested || !_lost.TrySetResult()) return;

        Log.PresenceLost(_logger, _key, cause);
    }
}
