using Gateway.Cluster;
using Gateway.Replication.Control;
using Microsoft.Extensions.Logging;

namespace Gateway.Users;

/// <summary>Hears what other gateways change about the users, so that who was removed there loses sessions here.</summary>
internal sealed class UserWatch : IAsyncDisposable
{
    private readonly ControlWatch _watch;

    public UserWatch(IControlPlane control, UserDirectory users, TimeProvider time, ILogger logger)
    {
        _watch = new ControlWatch(control, UserDirectory.Key, LearnAsync, time, logger);

        Task LearnAsync(ControlView view, CancellationToken cancellation)
        {
            users.Learn(view.Values.GetValueOrDefault(UserDirectory.Key));
            return Task.CompletedTask;
        }
    }

    public ValueTask DisposeAsync() => _watch.DisposeAsync();
}
