using Gateway.Replication.Control;
using Microsoft.Extensions.Logging;

namespace Gateway.Users;

/// <summary>Hears what other gateways change about the users, so that who was removed there loses sessions here.</summary>
internal sealed class UserWatch : IAsyncDisposable
{
    private static readonly TimeSpan RetryDelay = TimeSpan.FromSeconds(1);

    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _following;

    public UserWatch(IControlPlane control, UserDirectory users, TimeProvider time, ILogger logger) =>
        _following = FollowAsync(control, users, time, logger);

    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync();
        await _following;
        _stopping.Dispose();
    }

    private async Task FollowAsync(IControlPlane control, UserDirectory users, TimeProvider time, ILogger logger)
    {
        try
        {
            while (true)
            {
                try
                {
                    await foreach (var view in control.WatchAsync(UserDirectory.Key, _stopping.Token))
                        users.Learn(view.Values.GetValueOrDefault(UserDirectory.Key));
                }
                catch (ControlPlaneException error)
                {
                    Log.UsersNotHeardOf(logger, error.Message);
                }

                await Task.Delay(RetryDelay, time, _stopping.Token);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // The gateway ends.
        }
    }
}
