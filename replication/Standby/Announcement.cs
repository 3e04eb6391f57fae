using Gateway.Replication.Control;

namespace Gateway.Replication.Standby;

/// <summary>
/// Keeps a presence in the control plane while this object lives: made when the key is free, made again when it was lost,
/// in place of one that its owner outlived. Nobody waits for it.
/// </summary>
/// <remarks>Any thread.</remarks>
internal sealed class Announcement : IAsyncDisposable
{
    private static readonly TimeSpan RetryPause = TimeSpan.FromMilliseconds(500);

    private readonly IControlPlane _control;
    private readonly string _key;
    private readonly TimeSpan _timeToLive;
    private readonly Func<string, bool> _isOver;
    private readonly Signal _changed;
    private readonly CancellationTokenSource _closing = new();
    private readonly Task _running;
    private volatile string _json;

    /// <param name="control">Where.</param>
    /// <param name="key">Of the presence.</param>
    /// <param name="json">Its value.</param>
    /// <param name="timeToLive">How long it outlives this process.</param>
    /// <param name="isOver">True for a value found under the key whose announcer is known to be past: it is removed.</param>
    /// <param name="time">For pauses.</param>
    public Announcement(
        IControlPlane control, string key, string json, TimeSpan timeToLive, Func<string, bool> isOver, TimeProvider time)
    {
        (_control, _key, _json, _timeToLive, _isOver) = (control, key, json, timeToLive, isOver);
        _changed = new Signal(time);
        _running = RunAsync();
    }

    /// <summary>Announces another value from now on.</summary>
    public void Set(string json)
    {
        if (json == _json) return;
        _json = json;
        _changed.Raise();
    }

    /// <summary>Removes it, if the control plane answers; else it goes by itself.</summary>
    public async ValueTask DisposeAsync()
    {
        await _closing.CancelAsync();
        await _running;
        _closing.Dispose();
    }

    private async Task RunAsync()
    {
        await Task.Yield();
        while (!_closing.IsCancellationRequested)
        {
            try
            {
                await AnnounceAsync(_closing.Token);
            }
            catch (ControlPlaneException)
            {
                // Who watches it tells people. This presence is a courtesy and is tried again.
                await PauseAsync();
            }
            catch (OperationCanceledException)
            {
                // Closing; the loop ends.
            }
        }
    }

    private async Task AnnounceAsync(CancellationToken cancellation)
    {
        var told = _json;
        await using var presence = await _control.AnnounceAsync(_key, told, _timeToLive, cancellation);
        if (presence is null)
        {
            if (!await RemoveOverAsync(cancellation)) await PauseAsync();
            return;
        }

        // The loss itself is asked for, not the end of what it raises: that may come after this loop has woken and looked.
        _ = presence.Lost.ContinueWith(_ => _changed.Raise(), TaskScheduler.Default);
        while (!presence.Lost.IsCompleted)
        {
            if (_json != told && !await presence.UpdateAsync(told = _json, cancellation)) return;
            await _changed.WaitAsync(TimeSpan.FromHours(1), cancellation);
        }
    }

    private async Task<bool> RemoveOverAsync(CancellationToken cancellation)
    {
        if (await _control.ReadAsync(_key, cancellation) is not { } found) return true;
        return _isOver(found.Json) && await _control.DeleteAsync(_key, found.Version, cancellation);
    }

    private async Task PauseAsync()
    {
        try
        {
            await _changed.WaitAsync(RetryPause, _closing.Token);
        }
        catch (OperationCanceledException)
        {
            // Closing; the loop ends.
        }
    }
}
