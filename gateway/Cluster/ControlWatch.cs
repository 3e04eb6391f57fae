using Gateway.Replication.Control;
using Microsoft.Extensions.Logging;

namespace Gateway.Cluster;

/// <summary>
/// Follows the values under a prefix for as long as the gateway runs. While the control plane does not tell, what it last
/// said counts.
/// </summary>
/// <remarks>One loop of its own, which is the only one that calls <c>learn</c>.</remarks>
internal sealed class ControlWatch : IAsyncDisposable
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stopping = new();
    private readonly IControlPlane _control;
    private readonly string _prefix;
    private readonly Func<ControlView, CancellationToken, Task> _learn;
    private readonly TimeProvider _time;
    private readonly ILogger _logger;
    private readonly Task _following;

    /// <param name="control">Of the cluster.</param>
    /// <param name="prefix">Of the keys.</param>
    /// <param name="learn">
    /// Told all values, at first and after changes, and again when it fails with a <see cref="ControlPlaneException"/>; must not
    /// throw anything else. Cancelled when the watch ends.
    /// </param>
    /// <param name="time">Of the pause before the next try.</param>
    /// <param name="logger">Told once when nothing is heard any more.</param>
    public ControlWatch(
        IControlPlane control, string prefix, Func<ControlView, CancellationToken, Task> learn, TimeProvider time, ILogger logger)
    {
        (_control, _prefix, _learn, _time, _logger) = (control, prefix, learn, time, logger);
        _following = FollowAsync();
    }

    /// <summary>Ends what is being learnt and hears no more. Once more does no harm.</summary>
    public async ValueTask DisposeAsync()
    {
        if (!_following.IsCompleted) await _stopping.CancelAsync();
        await _following;
        _stopping.Dispose();
    }

    private async Task FollowAsync()
    {
        var told = "";
        try
        {
            while (true)
            {
                try
                {
                    await foreach (var view in _control.WatchAsync(_prefix, _stopping.Token))
                    {
                        await _learn(view, _stopping.Token);
                        told = "";
                    }
                }
                catch (ControlPlaneException error)
                {
                    if (told != error.Message) Log.NotHeardOf(_logger, _prefix, error.Message);
                    told = error.Message;
                }

                await Task.Delay(RetryDelay, _time, _stopping.Token);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The gateway ends.
        }
    }
}
