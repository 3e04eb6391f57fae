using System.Net;
using Microsoft.Extensions.Logging;

namespace Gateway.Addresses;

/// <summary>
/// Tells programs of the operator that volumes come and go. Nobody waits for them: neither clients nor the next owner. What is
/// acquired is told again, a second later and then more seldom, until the program ends with 0 or the volume is gone; what is
/// released is told once.
/// </summary>
/// <remarks>Any thread; for one volume one call at a time. For one volume one program runs at a time, in order.</remarks>
internal sealed class VolumeHooks(string? onAcquire, string? onRelease, string gateway, TimeProvider time, ILogger logger)
    : IAsyncDisposable
{
    private static readonly TimeSpan RetryFirst = TimeSpan.FromSeconds(1);
    private static readonly TimeSpan RetryMax = TimeSpan.FromMinutes(1);

    private readonly Lock _gate = new();
    private readonly Dictionary<string, Telling> _tellings = [];

    /// <summary>Clients of the volume come here. What was told of it before need not have ended.</summary>
    public void Acquired(string volume, IPAddress address)
    {
        if (onAcquire is null && onRelease is null) return;
        lock (_gate)
        {
            var before = _tellings.GetValueOrDefault(volume)?.Task ?? Task.CompletedTask;
            var gone = new CancellationTokenSource();
            _tellings[volume] = new Telling(gone, AcquiredAsync(before, volume, address, gone.Token));
        }
    }

    /// <summary>They no longer do. Nothing happens when they never did.</summary>
    public void Released(string volume, IPAddress address)
    {
        lock (_gate)
        {
            if (!_tellings.TryGetValue(volume, out var telling) || telling.Gone is not { } gone) return;
            _tellings[volume] = new Telling(null, ReleasedAsync(telling.Task, gone, volume, address));
        }
    }

    /// <summary>Waits for the programs that run, each at most its ten seconds.</summary>
    public async ValueTask DisposeAsync()
    {
        Telling[] left;
        lock (_gate) left = [.. _tellings.Values];
        foreach (var telling in left)
        {
            if (telling.Gone is not null) await telling.Gone.CancelAsync();
            await telling.Task;
            telling.Gone?.Dispose();
        }
    }

    private async Task AcquiredAsync(Task before, string volume, IPAddress address, CancellationToken gone)
    {
        await before;
        if (onAcquire is null) return;

        try
        {
            for (var delay = RetryFirst; ; delay = delay < RetryMax / 2 ? 2 * delay : RetryMax)
            {
                if (await RunAsync(onAcquire, "acquire", volume, address, gone)) return;
                await Task.Delay(delay, time, gone);
            }
        }
        catch (OperationCanceledException) when (gone.IsCancellationRequested)
        {
            // Gone before the program took notice.
        }
    }

    private async Task ReleasedAsync(Task before, CancellationTokenSource gone, string volume, IPAddress address)
    {
        await gone.CancelAsync();
        await before;
        gone.Dispose();
        if (onRelease is not null) await RunAsync(onRelease, "release", volume, address, CancellationToken.None);
    }

    private async Task<bool> RunAsync(
        string program, string what, string volume, IPAddress address, CancellationToken cancellation)
    {
        var environment = new Dictionary<string, string?>
        {
            ["NASGATE_VOLUME"] = volume,
            ["NASGATE_ADDRESS"] = address.ToString(),
            ["NASGATE_GATEWAY"] = gateway,
            ["NASGATE_EVENT"] = what,
        };
        var run = await HookProgram.RunAsync(program, environment, time, cancellation);
        if (run.Output.Length > 0) Log.HookSaid(logger, program, what, volume, run.Output);
        if (run.Trouble.Length > 0) Log.HookFailed(logger, program, what, volume, run.Trouble);
        else Log.HookDone(logger, program, what, volume);
        return run.Trouble.Length == 0;
    }

    /// <param name="Gone">Ends the telling of an acquisition; null after the release.</param>
    /// <param name="Task">All that is told of the volume so far.</param>
    private sealed record Telling(CancellationTokenSource? Gone, Task Task);
}
